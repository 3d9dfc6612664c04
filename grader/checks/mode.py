"""``check: mode`` — do the layers that work differently in training do so: dropout, batch norm, an L2 penalty?

Each is judged by what the network gives for weights and inputs that the trusted side chose, in training and in
evaluation mode, so it does not matter how the network is written. How surely right work passes is in
``docs/concepts/modes.md``.
"""

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal, TypeAlias

import msgspec

from grader.checks.base import CheckContext, as_names
from grader.checks.each_model import Each, as_models, chosen, judge_each, problems_of_models, see_each
from grader.checks.mode_batch_norm import BatchNormSeen, judge_batch_norm, see_batch_norm
from grader.checks.mode_dropout import DropoutSeen, judge_dropout, see_dropout
from grader.checks.mode_outcome import Outcome
from grader.checks.mode_penalty import PenaltyRequest, PenaltySeen, judge_penalty, penalized_layers, see_penalty
from grader.checks.mode_subject import see_evaluation
from grader.checks.student import StudentError
from grader.checks.student_models import StudentModels
from grader.course.model import Criterion, ModelSpec, Part
from grader.oracle.networks import reference_network
from grader.oracle.run import OracleError
from grader.results import Evidence, Feedback, Judgement, Verdict
from grader.transplant.architecture import BatchNormalization, Dropout, Network

Aspect: TypeAlias = Literal["dropout", "batch_norm", "l2"]
Layers: TypeAlias = Literal["convolutions", "hidden", "all"]


class ModeOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``model`` as for ``layers``; ``of`` is what to look at, the points being shared equally among several.

    ``around_pooling: either side`` accepts a dropout before the pooling instead of after it, and the reverse.
    ``l2_factor`` is a number, or the name of the argument that the network is built with; ``l2_on`` says which
    layers' kernels are penalized: ``convolutions``, ``hidden``, ``all``, or numbers from 1 among the layers with
    weights. ``l2_penalty`` and ``optimizer`` are the names of the student's functions.
    """

    of: Aspect | tuple[Aspect, ...]
    model: str | tuple[str, ...] = ()
    around_pooling: Literal["as in the reference", "either side"] = "as in the reference"
    l2_factor: float | str | None = None
    l2_on: Layers | tuple[Annotated[int, msgspec.Meta(ge=1)], ...] = "hidden"
    l2_penalty: str = "l2_penalty"
    optimizer: str = "make_optimizer"

    def problems(self, *, points: float, part: Part) -> Iterable[tuple[str, str]]:
        """Yield ``(field, message)`` for what types alone cannot check."""
        yield from problems_of_models(as_models(self.model), part)
        if not self.of:
            yield "of", "names nothing; it can be dropout, batch_norm, l2"
        if "l2" not in as_names(self.of):
            return
        if self.l2_factor is None:
            yield "l2_factor", "is needed where `of` names l2: a number, or the name of an argument of the network"
        if isinstance(self.l2_factor, str):
            for spec in chosen(part, self.model):
                if not isinstance(spec.arguments.get(self.l2_factor), int | float):
                    message = f"names an argument '{self.l2_factor}', but model '{spec.name}' is not built with one"
                    yield "l2_factor", message


class ModeSeen(msgspec.Struct, frozen=True):
    """What each aspect showed, in the order of ``of``."""

    place: str
    aspects: tuple[DropoutSeen | BatchNormSeen | PenaltySeen, ...]


class Mode:
    """Looks at training and evaluation mode from outside."""

    Options: ClassVar[type] = ModeOptions

    def observe(self, context: CheckContext) -> Each:
        """Run each network in both modes with chosen weights."""
        options: ModeOptions = context.criterion.options

        def see(models: StudentModels, spec: ModelSpec) -> ModeSeen:
            reference = reference_network(context.folder, spec)
            built = models.build(spec)
            aspects: list[DropoutSeen | BatchNormSeen | PenaltySeen] = []
            for aspect in as_names(options.of):
                if aspect == "l2":
                    request = PenaltyRequest(_factor(options, spec), options.l2_penalty, options.optimizer)
                    layers = _penalized(reference, options, spec)

                    def reject(why: str) -> StudentError:
                        return context.student.rejected(context.student.worker_with(built.bound), why)

                    aspects.append(see_penalty(models, built, reference, layers, request, context.rng, reject))
                    continue
                _check_has(reference, aspect, spec)
                evaluation = see_evaluation(models, built, reference, context.rng)
                if aspect == "dropout":
                    either_side = options.around_pooling == "either side"
                    seen = see_dropout(models, built, evaluation, context.rng, either_side_of_pooling=either_side)
                    aspects.append(seen)
                else:
                    aspects.append(see_batch_norm(models, built, evaluation, context.rng))
            return ModeSeen(built.place, tuple(aspects))

        return see_each(context, options.model, see)

    def judge(self, seen: Each, criterion: Criterion) -> Judgement:
        """Share the points equally among the aspects."""
        options: ModeOptions = criterion.options

        def judge(one: ModeSeen) -> Judgement:
            return _judgement(one.place, [_outcome(aspect, options) for aspect in one.aspects])

        return judge_each(seen, judge)


def _outcome(seen: DropoutSeen | BatchNormSeen | PenaltySeen, options: ModeOptions) -> Outcome:
    match seen:
        case DropoutSeen():
            return judge_dropout(seen, either_side_of_pooling=options.around_pooling == "either side")
        case BatchNormSeen():
            return judge_batch_norm(seen)
    return judge_penalty(seen)


def _judgement(place: str, outcomes: list[Outcome]) -> Judgement:
    right = sum(outcome.is_right is True for outcome in outcomes)
    fraction = right / len(outcomes)
    if any(outcome.is_right is None for outcome in outcomes):
        verdict, fraction = Verdict.NEEDS_REVIEW, 0.0
    elif right == len(outcomes):
        verdict = Verdict.PASS
    else:
        verdict = Verdict.PARTIAL if right else Verdict.FAIL
    first = next((outcome for outcome in outcomes if outcome.is_right is not True), None)
    others = [outcome.summary for outcome in outcomes if outcome is not first]
    if first is None:
        summary, facts = " ".join(others), tuple(fact for outcome in outcomes for fact in outcome.facts)
    else:
        summary, facts = first.summary, (*first.facts, *others)
    facts = (*facts, f"Seen on {place}.")
    expected = tuple(fact for outcome in outcomes for fact in outcome.expected)
    weakest = max((outcome.evidence for outcome in outcomes), key=tuple(Evidence).index)
    measurements = tuple(one for outcome in outcomes for one in outcome.measurements)
    return Judgement(verdict, fraction, weakest, Feedback(summary, facts, expected=expected), measurements)


def _factor(options: ModeOptions, spec: ModelSpec) -> float:
    factor = options.l2_factor
    if isinstance(factor, str):
        factor = float(spec.arguments[factor])
    assert factor is not None
    return factor


def _penalized(reference: Network, options: ModeOptions, spec: ModelSpec) -> frozenset[int]:
    try:
        return penalized_layers(reference, options.l2_on)
    except ValueError as error:
        raise OracleError(f"l2_on of {spec.name}: {error}") from error


def _check_has(reference: Network, aspect: str, spec: ModelSpec) -> None:
    wanted: type[Dropout] | type[BatchNormalization] = Dropout if aspect == "dropout" else BatchNormalization
    if not any(isinstance(layer, wanted) for layer in reference.layers):
        raise OracleError(f"{spec.call}: the recorded reference has no {aspect.replace('_', ' ')}")
