"""``check: accuracy`` — how many test images does the trained network assign to their class?

The share of the points grows linearly between two bounds. What counts is the upper end of the 95 % interval of the
measured accuracy, so nobody loses a point because the test set is small.
"""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from grader.checks.base import CheckContext
from grader.checks.each_model import Each, judge_each, see_each
from grader.checks.student_models import StudentModels
from grader.checks.trained import Copies, Trained, TrainedOptions, see_trained
from grader.course.model import Criterion, ModelSpec, Part
from grader.course.units import Bound
from grader.numerics.intervals import wilson
from grader.oracle.figures import reference_figure
from grader.oracle.run import OracleError
from grader.results import Evidence, Feedback, Judgement, Matrix, Measurement, Verdict

LEVEL = 0.95
METRIC = "test_accuracy"
TRAINED_ON = {"full": "the full data", "subset": "the embedded subset"}
KEPT = 0.5
"""Of what it has over guessing, a network keeps more than this when images move by a pixel or get some noise. Those of
these assignments, trained on the subset in four scalings, keep 0.86 to 1; a table of answers keeps nothing."""


class AccuracyOptions(TrainedOptions, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Beside those of :class:`TrainedOptions`, the accuracy that earns all points and the one below which there are
    none: ``98%``, ``reference - 2 deviations``, ``reference - 10%``."""

    full_marks_from: Bound
    no_marks_below: Bound

    def problems(self, *, points: float, part: Part) -> Iterable[tuple[str, str]]:
        """Yield ``(field, message)`` for what types alone cannot check."""
        yield from super().problems(points=points, part=part)
        none, full = self.no_marks_below, self.full_marks_from
        comparable = none.is_relative == full.is_relative and none.deviations == full.deviations
        if comparable and none.resolve(0.0, 0.0) >= full.resolve(0.0, 0.0):
            yield "no_marks_below", "must be a lower accuracy than 'full_marks_from'"


class AccuracySeen(msgspec.Struct, frozen=True):
    """What the network reaches, and the bounds as shares. ``source`` is what the references were trained on where a
    bound depends on them, else empty."""

    trained: Trained
    full_marks_from: float
    no_marks_below: float
    source: str = ""


class Accuracy:
    """Measures trained weights that were handed in."""

    Options: ClassVar[type] = AccuracyOptions

    def observe(self, context: CheckContext) -> Each:
        """Run each network with its trained weights on the test images."""
        options: AccuracyOptions = context.criterion.options

        def see(models: StudentModels, spec: ModelSpec) -> AccuracySeen:
            full, none, source = _bounds(context, options, spec)
            return AccuracySeen(see_trained(context, models, spec, options), full, none, source)

        return see_each(context, options.model, see)

    def judge(self, seen: Each, criterion: Criterion) -> Judgement:
        """Share out the points between the two bounds."""
        return judge_each(seen, _judge)


def _bounds(context: CheckContext, options: AccuracyOptions, spec: ModelSpec) -> tuple[float, float, str]:
    full, none = options.full_marks_from, options.no_marks_below
    if not (full.is_relative or none.is_relative):
        return full.resolve(0.0, 0.0), none.resolve(0.0, 0.0), ""
    figure = reference_figure(context.folder, options.experiment(spec), METRIC)
    if figure.deviation is None and (full.deviations or none.deviations):
        raise OracleError(f"{figure.experiment}: too few seeds are recorded to know a deviation")
    high, low = (bound.resolve(figure.mean, figure.deviation or 0.0) for bound in (full, none))
    if low >= high:
        raise OracleError(f"{figure.experiment}: no_marks_below is {low:.4f} and full_marks_from {high:.4f}")
    return high, low, TRAINED_ON[figure.source]


def _judge(seen: AccuracySeen) -> Judgement:
    trained = seen.trained
    interval = wilson(trained.accuracy, trained.count, LEVEL)
    span = seen.full_marks_from - seen.no_marks_below
    fraction = min(max((interval.upper - seen.no_marks_below) / span, 0.0), 1.0)
    found = f"{trained.accuracy:.1%} of {trained.count:,} test images"
    between = f"95% interval {interval.lower:.1%} to {interval.upper:.1%}"
    bounds = f"Full marks from {seen.full_marks_from:.2%}, none below {seen.no_marks_below:.2%}."
    facts, expected = list(trained.facts), ((bounds,) if seen.source else ())
    facts.append("What counts is the upper end of the interval, so a small test set costs nothing.")
    if seen.source:
        facts.append(f"The bounds come from what the references reach when they are trained on {seen.source}.")
    else:
        facts.append(bounds)
    verdict = Verdict.PASS if fraction == 1 else Verdict.PARTIAL if fraction > 0 else Verdict.FAIL
    summary = f"The trained network is right on {found} ({between})."
    if trained.copies is not None and collapses(trained.copies, len(trained.class_names)):
        verdict, fraction = Verdict.NEEDS_REVIEW, 0.0
        summary = f"It is right on {found}, but not on slightly changed copies of them, so a person will look at it."
    if trained.copies is not None:
        facts += _copies_facts(trained.copies)
    measurement = Measurement("accuracy", trained.accuracy, bound=None if seen.source else seen.full_marks_from)
    confusion = Matrix(
        f"Test images by class, {trained.file.path}",
        "true class",
        "predicted class",
        trained.class_names,
        tuple(tuple(map(int, row)) for row in trained.confusion),
    )
    return Judgement(
        verdict,
        fraction,
        Evidence.OBSERVED if trained.own else Evidence.VERIFIED,
        Feedback(summary, facts=tuple(facts), expected=expected),
        (measurement,),
        exhibits=(confusion,),
    )


def collapses(copies: Copies, classes: int) -> bool:
    """Return whether a network that is right on images is lost on slightly changed ones, as a table of answers is."""
    chance = copies.count / classes
    advantage = copies.unchanged - chance
    mildly = (right for name, right in copies.changed.items() if "2 pixels" not in name)
    return advantage > copies.count / 4 and max(mildly) - chance < KEPT * advantage


def _copies_facts(copies: Copies) -> list[str]:
    changed = ", ".join(f"{right / copies.count:.1%} {name}" for name, right in copies.changed.items())
    return [f"Of {copies.count:,} test images {copies.unchanged / copies.count:.1%} are right as they are, {changed}."]
