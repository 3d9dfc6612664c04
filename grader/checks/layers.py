"""``check: layers`` — does every layer give an output of the size that the handout asks for?"""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from grader.checks.base import CheckContext
from grader.checks.described import NOT_ASKED, Answer, computes_as_described
from grader.checks.each_model import Each, as_models, judge_each, problems_of_models, see_each
from grader.checks.layer_table import layer_table
from grader.checks.student_models import StudentModels
from grader.checks.words import count_of
from grader.course.model import Criterion, ModelSpec, Part
from grader.networks.stages import Stage, first_difference_of_sizes, stages
from grader.oracle.networks import reference_network
from grader.results import Evidence, Feedback, Judgement, Verdict
from grader.transplant.architecture import dimensions


class LayersOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``model`` names one model or several of the part; without it the criterion is about all."""

    model: str | tuple[str, ...] = ()

    def problems(self, *, points: float, part: Part) -> Iterable[tuple[str, str]]:
        """Yield ``(field, message)`` for what types alone cannot check."""
        yield from problems_of_models(as_models(self.model), part)


class LayersSeen(msgspec.Struct, frozen=True):
    """The student's layers beside the reference's; ``own`` is ``None`` where ``why_not`` says why.

    ``answer``: whether the network computes what its layers do.
    """

    place: str
    own: tuple[Stage, ...] | None
    reference: tuple[Stage, ...]
    why_not: str
    answer: Answer = NOT_ASKED


class Layers:
    """Compares sizes only: whether these layers compute what the handout's do is another criterion's."""

    Options: ClassVar[type] = LayersOptions

    def observe(self, context: CheckContext) -> Each:
        """Build each network and list its layers."""

        def see(models: StudentModels, spec: ModelSpec) -> LayersSeen:
            reference = reference_network(context.folder, spec)
            built = models.build(spec)
            own = None if built.network is None else stages(built.network)
            answer = computes_as_described(context, models, built, reference)
            return LayersSeen(built.place, own, stages(reference), built.why_not, answer)

        return see_each(context, context.criterion.options.model, see)

    def judge(self, seen: Each, criterion: Criterion) -> Judgement:
        """Pass if the tables agree line by line."""
        return judge_each(seen, _judge)


def _judge(seen: LayersSeen) -> Judgement:
    if seen.own is None:
        return cannot_be_read(seen.place, seen.why_not)
    if seen.answer.holds is False:
        return not_as_described(seen.place, seen.answer)
    evidence = Evidence.VERIFIED if seen.answer.holds else Evidence.OBSERVED
    difference = first_difference_of_sizes(seen.own, seen.reference)
    if difference is None:
        summary = f"Every layer has its size: {count_of(len(seen.own), 'layer')}."
        return Judgement(Verdict.PASS, 1.0, evidence, Feedback(summary))
    own, wanted = difference.own, difference.reference
    if own is None:
        summary = f"Your network ends after {count_of(len(seen.own), 'layer')}; the one in the handout goes on."
    else:
        summary = (
            f"Layer {difference.number + 1} is the first that differs from the handout's: "
            f"a {own.title} with an output of {dimensions(own.output_shape)}."
        )
    expected: tuple[str, ...] = ()
    if wanted is not None:
        expected = (f"The reference has a {wanted.title} there, with an output of {dimensions(wanted.output_shape)}.",)
    feedback = Feedback(
        summary,
        facts=(f"Read from {seen.place}. Activations, dropout and flattening are not lines of the table.",),
        table=layer_table(seen.own, difference.number),
        expected=expected,
    )
    return Judgement(Verdict.FAIL, 0.0, evidence, feedback)


def cannot_be_read(place: str, why_not: str) -> Judgement:
    """Return the judgement on a network that is no chain of known layers: a person decides."""
    feedback = Feedback(
        "The layers of this network could not be read, so a person will look at it.",
        facts=(f"Tried on {place}: {why_not}",),
    )
    return Judgement(Verdict.NEEDS_REVIEW, 0.0, Evidence.OBSERVED, feedback)


def not_as_described(place: str, answer: Answer) -> Judgement:
    """Return the judgement on a network that does not compute what its layers do: a person decides."""
    feedback = Feedback(
        "This network does not compute what its layers do, as far as they could be read, so a person will look at it.",
        facts=(f"Weights and inputs were drawn and put into {place}.", *filter(None, [answer.instead])),
    )
    return Judgement(Verdict.NEEDS_REVIEW, 0.0, Evidence.OBSERVED, feedback)
