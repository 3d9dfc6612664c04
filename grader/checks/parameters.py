"""``check: parameters`` — does the network have as many parameters as the handout's, layer by layer?"""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from grader.checks.base import CheckContext
from grader.checks.described import NOT_ASKED, Answer, computes_as_described, computes_the_reference
from grader.checks.each_model import Each, as_models, judge_each, problems_of_models, see_each
from grader.checks.layer_table import layer_table
from grader.checks.layers import not_as_described
from grader.checks.student_models import StudentModels
from grader.course.model import Criterion, ModelSpec, Part
from grader.networks.stages import Stage, first_difference_of_parameters, stages
from grader.oracle.networks import reference_network
from grader.results import Evidence, Feedback, Judgement, Measurement, Verdict


class ParametersOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``model`` names one model or several of the part; without it the criterion is about all."""

    model: str | tuple[str, ...] = ()

    def problems(self, *, points: float, part: Part) -> Iterable[tuple[str, str]]:
        """Yield ``(field, message)`` for what types alone cannot check."""
        yield from problems_of_models(as_models(self.model), part)


class ParametersSeen(msgspec.Struct, frozen=True):
    """Totals counted from the arrays themselves, each array once; ``own`` are the layers if they could be read.

    ``answer``: whether the network computes with these arrays what its layers do, or what the reference does where
    they could not be read. Networks whose totals differ are not asked.
    """

    place: str
    total: int
    trained: int
    own: tuple[Stage, ...] | None
    reference: tuple[Stage, ...]
    answer: Answer = NOT_ASKED


class Parameters:
    """Counts what the network holds: arrays that layers share count once, frozen ones as not trained."""

    Options: ClassVar[type] = ParametersOptions

    def observe(self, context: CheckContext) -> Each:
        """Build each network and count."""

        def see(models: StudentModels, spec: ModelSpec) -> ParametersSeen:
            reference = reference_network(context.folder, spec)
            built = models.build(spec)
            seen = ParametersSeen(
                built.place,
                sum(weight.size for weight in built.weights),
                sum(weight.size for weight in built.weights if weight.trained),
                None if built.network is None else stages(built.network),
                stages(reference),
            )
            if not _totals_agree(seen):
                return seen
            asked = computes_the_reference if built.network is None else computes_as_described
            return msgspec.structs.replace(seen, answer=asked(context, models, built, reference))

        return see_each(context, context.criterion.options.model, see)

    def judge(self, seen: Each, criterion: Criterion) -> Judgement:
        """Pass if the totals agree, in all and of those that are trained."""
        return judge_each(seen, _judge)


def _totals(reference: tuple[Stage, ...]) -> tuple[int, int]:
    total = sum(stage.parameters for stage in reference)
    return total, total - sum(stage.untrained for stage in reference)


def _totals_agree(seen: ParametersSeen) -> bool:
    return (seen.total, seen.trained) == _totals(seen.reference)


def _judge(seen: ParametersSeen) -> Judgement:
    if seen.answer.holds is False:
        return _cannot_be_counted(seen) if seen.own is None else not_as_described(seen.place, seen.answer)
    total, trained = _totals(seen.reference)
    measurements = (
        Measurement("parameters", seen.total, bound=total),
        Measurement("trained parameters", seen.trained, bound=trained),
    )
    difference = None if seen.own is None else first_difference_of_parameters(seen.own, seen.reference)
    if _totals_agree(seen) and difference is None:
        feedback = Feedback(f"The network has {_counts(seen.total, seen.trained)}, as the handout's has.")
        return Judgement(Verdict.PASS, 1.0, Evidence.OBSERVED, feedback, measurements)
    facts = [f"Counted from {seen.place}, arrays that layers share once."]
    if seen.total != total:
        more = "more" if seen.total > total else "fewer"
        summary = f"Your network has {_counts(seen.total, seen.trained)}, {more} than the one in the handout."
    elif seen.trained != trained:
        summary = f"Your network trains {seen.trained:,} of its {seen.total:,} parameters, not as many as it should."
    else:
        summary = f"Your network has {seen.total:,} parameters, but not in the layers where the handout's has them."
    if seen.own is not None and sum(stage.parameters for stage in seen.own) != seen.total:
        unused = seen.total - sum(stage.parameters for stage in seen.own)
        if unused > 0:
            facts.append(f"{unused:,} of them belong to no layer that the data passes.")
    feedback = Feedback(
        summary,
        facts=tuple(facts),
        table=None if seen.own is None else layer_table(seen.own, None if difference is None else difference.number),
        expected=(f"The reference has {_counts(total, trained)}.",),
    )
    return Judgement(Verdict.FAIL, 0.0, Evidence.OBSERVED, feedback, measurements)


def _counts(total: int, trained: int) -> str:
    if total == trained:
        return f"{total:,} parameters"
    return f"{total:,} parameters ({trained:,} of them trained)"


def _cannot_be_counted(seen: ParametersSeen) -> Judgement:
    tried = f"The layers of {seen.place} could not be read, so weights were put into it in its framework's order."
    feedback = Feedback(
        f"The network shows {_counts(seen.total, seen.trained)}, as many as the handout's, but what it does with them "
        "could not be seen, so a person will look at it.",
        facts=(tried, *filter(None, [seen.answer.instead])),
    )
    return Judgement(Verdict.NEEDS_REVIEW, 0.0, Evidence.OBSERVED, feedback)
