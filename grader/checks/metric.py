"""``check: metric`` — is the figure that the student reports the one that this model's trained weights reach?"""

import math
from typing import Annotated, ClassVar, Literal

import msgspec
import numpy as np

from grader.checks.base import CheckContext
from grader.checks.each_model import Each, judge_each, see_each
from grader.checks.reported import Figures, UnreadableFigures, as_number, find_file, read_figures, shown
from grader.checks.student import StudentError
from grader.checks.student_models import StudentModels
from grader.checks.trained import Trained, TrainedOptions, see_trained
from grader.course.model import Criterion, ModelSpec
from grader.course.units import Percentage
from grader.numerics.intervals import Interval, deviations_at, wilson
from grader.results import Evidence, Feedback, Judgement, Measurement, Verdict

FILE = "results.json"
LEVEL = 0.999

Figure = Literal["test_accuracy", "test_loss"]


class MetricOptions(TrainedOptions, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Beside those of :class:`TrainedOptions`: ``of`` names the figure in the file; a figure may differ by ``within``,
    for an accuracy in percentage points, for a loss as a share of it.

    Where students test on other images than the grader, the interval of chance at 99.9 % is added. That is so with the
    embedded subset, and where ``own_test_images`` says how many they set aside themselves.
    """

    of: Figure = "test_accuracy"
    within: Percentage = Percentage(0.003)
    own_test_images: Annotated[int, msgspec.Meta(ge=1, le=10_000_000)] | None = None


class MetricSeen(msgspec.Struct, frozen=True):
    """The figure that is reported for ``model`` and those reported for other models, beside what was measured.

    ``path`` is the file with the figures. ``count`` is how many test images chance is reckoned with: ``None`` if the
    student and the grader test on the same.
    """

    model: str
    path: str
    reported: float
    others: tuple[tuple[str, float], ...]
    trained: Trained
    count: float | None


class Metric:
    """Recomputes figures that were handed in."""

    Options: ClassVar[type] = MetricOptions

    def observe(self, context: CheckContext) -> Each:
        """Read the figures and measure each model."""
        options: MetricOptions = context.criterion.options

        def see(models: StudentModels, spec: ModelSpec) -> MetricSeen:
            path, figures = _figures(context)
            name, reported = _reported(spec, path, figures, options.of)
            others = {
                other: number
                for other, values in figures.items()
                if other != name and (number := _number(values.get(options.of), options.of)) is not None
            }
            trained = see_trained(context, models, spec, options)
            return MetricSeen(spec.name, path, reported, tuple(others.items()), trained, _count(trained, options))

        return see_each(context, options.model, see)

    def judge(self, seen: Each, criterion: Criterion) -> Judgement:
        """Pass if the reported figure is the measured one, up to ``within`` and chance."""
        options: MetricOptions = criterion.options
        return judge_each(seen, lambda one: _judge(one, options))


def _figures(context: CheckContext) -> tuple[str, Figures]:
    path = find_file(FILE, tuple(context.files))
    if path is None:
        raise StudentError(Verdict.MISSING, Feedback(f"There is no file {FILE} with the figures you report."))
    try:
        return path, read_figures(context.files[path])
    except UnreadableFigures as error:
        raise StudentError(Verdict.FAIL, Feedback(f"{path} cannot be read: {error}."), Evidence.CLAIMED) from None


def _reported(spec: ModelSpec, path: str, figures: Figures, of: Figure) -> tuple[str, float]:
    """Return the model's name in the file and the figure."""
    name = next((name for name in (spec.name, *spec.also, spec.build) if name in figures), None)
    wanted = f'{{"{spec.name}": {{"{of}": …}}}}'
    if name is None or of not in figures[name]:
        there = f"for {shown(figures)}" if name is None else f"{shown(figures[name])} for '{name}'"
        raise StudentError(
            Verdict.MISSING,
            Feedback(f"{path} has no {of} of '{spec.name}': expected {wanted}.", facts=(f"It has figures {there}.",)),
            Evidence.CLAIMED,
        )
    number = _number(figures[name][of], of)
    if number is None:
        what = f"{path} gives '{name}' a {of} that is not a number: {str(figures[name][of])[:60]!r}."
        raise StudentError(Verdict.FAIL, Feedback(what), Evidence.CLAIMED)
    return name, number


def _number(value: object, of: Figure) -> float | None:
    number = as_number(value)
    if number is None or not math.isfinite(number):
        return None
    # 89.2 stands for 89.2%
    return number / 100 if of == "test_accuracy" and 1 < number <= 100 else number


def _count(trained: Trained, options: MetricOptions) -> float | None:
    if options.own_test_images is not None:
        return 1 / (1 / trained.count + 1 / options.own_test_images)
    return None if options.data == "full" else trained.count


def _judge(seen: MetricSeen, options: MetricOptions) -> Judgement:
    trained = seen.trained
    measured, allowed = _allowed(seen, options)
    of = options.of.replace("_", " ")
    evidence = Evidence.OBSERVED if trained.own else Evidence.VERIFIED
    measurement = Measurement(f"{of} measured", measured if math.isfinite(measured) else None)
    said = f"{seen.path} reports a {of} of {_text(seen.reported, options.of)} for '{seen.model}'"
    if seen.reported in allowed:
        summary = f"{said}, and {_text(measured, options.of)} was measured on {trained.count:,} test images."
        return Judgement(Verdict.PASS, 1.0, evidence, Feedback(summary, trained.facts), (measurement,))
    facts = [
        f"Measured: {_text(measured, options.of)} on {trained.count:,} test images. Figures from "
        f"{_text(allowed.lower, options.of)} to {_text(allowed.upper, options.of)} would agree with that.",
        *trained.facts,
    ]
    fitting = [f"'{name}' ({_text(number, options.of)})" for name, number in seen.others if number in allowed]
    if fitting:
        facts.insert(0, f"What these weights reach is what the file reports for {', '.join(fitting[:8])}: exchanged?")
    summary = f"{said}, which is not what its trained weights reach."
    return Judgement(Verdict.FAIL, 0.0, evidence, Feedback(summary, tuple(facts)), (measurement,))


def _allowed(seen: MetricSeen, options: MetricOptions) -> tuple[float, Interval]:
    """Return what was measured, and which reported figures agree with it."""
    trained = seen.trained
    if options.of == "test_accuracy":
        measured = trained.accuracy
        chance = Interval(measured, measured) if seen.count is None else wilson(measured, seen.count, LEVEL)
        return measured, chance.widened(float(options.within))
    losses = trained.losses
    measured = float(losses.mean())
    error = 0.0 if seen.count is None else deviations_at(LEVEL) * float(np.std(losses)) / math.sqrt(seen.count)
    return measured, Interval(measured, measured).widened(error + float(options.within) * measured)


def _text(value: float, of: Figure) -> str:
    return f"{value:.4f}" if of == "test_loss" else f"{value:.2%}"
