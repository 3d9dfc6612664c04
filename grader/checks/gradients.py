"""``check: gradients`` — is each gradient right?

Two yardsticks. The oracle says what the gradient is; finite differences of the student's own loss say what the
student's own formula for the loss implies, and need no reference at all. Where both are listed the oracle decides and
the finite differences explain. Where only finite differences are listed they decide.

A loss that is wrong by a constant factor, and gradients that are right for that loss, are one mistake: it has cost
the points for the loss, and with ``follow_through`` (the default) it costs no gradient. That is checked against the
oracle, so a loss cannot be invented to suit a gradient.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

import msgspec
import numpy as np

from grader.checks.agreement import Agreement, Tolerance, agreement, axis_findings, expected_facts, worst_facts
from grader.checks.base import CheckContext, Seen, name_points, see_case
from grader.checks.student import StudentError
from grader.checks.values import problems_of_names, problems_of_points
from grader.checks.words import count_of, entry_name, listed, magnitude, points_text
from grader.course.model import Criterion, Part
from grader.numerics.compare import ShapeMatch, compare, match_shapes
from grader.numerics.diagnose import Pair, Subject, diagnose
from grader.numerics.finite_difference import (
    Slope,
    SlopeAgreement,
    choose_entries,
    judge_slopes,
    plan,
    slopes_from,
)
from grader.numerics.noise import Failure, noise_from, noise_points
from grader.oracle.run import Case, Inputs
from grader.results import Diagnosis, Evidence, Feedback, Judgement, Measurement, Table, Verdict

ENTRIES_PER_GRADIENT = 8
"""How many entries of each gradient are compared with slopes. A wrong formula is wrong at nearly every entry."""

Yardstick: TypeAlias = Literal["finite differences", "oracle"]
SLOPES: Yardstick = "finite differences"
ORACLE: Yardstick = "oracle"


class GradientsOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``of`` names the returned dict of gradients, ``loss`` the returned loss, ``inputs`` the group of a case's
    inputs that the gradients are taken by; their keys are the same. ``points_by`` gives points per gradient."""

    of: str = "gradients"
    loss: str = "loss"
    inputs: str = "weights"
    against: tuple[Yardstick, ...] = (SLOPES, ORACLE)
    points_by: dict[str, float] = {}
    tolerance: Tolerance = Tolerance()
    follow_through: bool = True

    def problems(self, *, points: float, part: Part) -> Iterable[tuple[str, str]]:
        """Yield ``(field, message)`` for what types alone cannot check."""
        yield from problems_of_names("of", (self.of,), part)
        yield from problems_of_names("loss", (self.loss,), part)
        if not self.against:
            yield "against", f"names no yardstick; there are '{SLOPES}' and '{ORACLE}'"
        if self.points_by:
            yield from problems_of_points(self.points_by, None, points)


@dataclass(frozen=True)
class SlopesSeen:
    """Slopes of the student's own loss on one case, by gradient, with the gradient claimed and the shape it should
    have; and how many examples the case has."""

    case: str
    claimed: dict[str, np.ndarray]
    shapes: dict[str, tuple[int, ...]]
    slopes: dict[str, tuple[Slope, ...]]
    examples: int


@dataclass(frozen=True)
class GradientsSeen:
    """``cases`` holds the gradients and ``losses`` the loss of the student and of the oracle, case by case."""

    cases: tuple[Seen, ...]
    losses: tuple[tuple[float, float], ...]
    slopes: tuple[SlopesSeen, ...]


class Gradients:
    """Compares each gradient on its own, with the oracle and with the slope of the student's own loss."""

    Options: ClassVar[type] = GradientsOptions

    def observe(self, context: CheckContext) -> GradientsSeen:
        """Collect gradients and losses on every case, and slopes on the first one (on all, without an oracle)."""
        options: GradientsOptions = context.criterion.options
        seen, losses = [], []
        for case in context.cases:
            both = see_case(context, case, (options.of, options.loss))
            expected = {name: array for name, array in both.expected.items() if name != options.loss}
            actual = {name: value for name, value in both.actual.items() if name in expected}
            seen.append(Seen(both.case, actual, expected))
            losses.append((_number(both.actual.get(options.loss)), _number(both.expected[options.loss])))
        slopes: tuple[SlopesSeen, ...] = ()
        if SLOPES in options.against:
            measured = context.cases if ORACLE not in options.against else context.cases[:1]
            slopes = tuple(
                _slopes(context, case, one, options) for case, one in zip(context.cases, seen, strict=True)
                if case in measured
            )  # fmt: skip
        return GradientsSeen(tuple(seen), tuple(losses), slopes)

    def judge(self, seen: GradientsSeen, criterion: Criterion) -> Judgement:
        """Give each gradient its points."""
        options: GradientsOptions = criterion.options
        relative = options.tolerance.relative
        names = tuple(seen.cases[0].expected)
        points = name_points(names, options.points_by or dict.fromkeys(names, criterion.points / len(names)), 0.0)
        rows = [_row(name, seen, options, relative) for name in names]
        if any(row.undecided for row in rows):
            return _needs_review(rows)
        earned = {row.name: points[row.name] if row.earns else 0.0 for row in rows}
        wrong = [row for row in rows if not row.earns]
        if not wrong:
            return _passed(rows, seen)
        partial = len(wrong) < len(rows) and bool(options.points_by)
        if not partial:
            earned = dict.fromkeys(earned, 0.0)
        fraction = sum(earned.values()) / criterion.points
        items = [row.oracle for row in rows]
        feedback = Feedback(
            _summary(rows),
            facts=(*_where_it_differs(rows), *_follow_through_facts(rows)),
            table=_table(rows, points, earned),
            diagnoses=_diagnoses(rows, seen, relative),
            expected=expected_facts(items),
            seen_on=_seen_on(wrong),
        )
        return Judgement(
            Verdict.PARTIAL if partial else Verdict.FAIL,
            min(max(fraction, 0.0), 1.0),
            Evidence.VERIFIED,
            feedback,
            measurements=tuple(measurement for row in rows for measurement in row.measurements),
            findings=axis_findings(items),
        )


# --- observing --------------------------------------------------------------------------------------------------------


def _number(value: object) -> float:
    """A loss as a float; NaN if it is not one finite number."""
    if isinstance(value, np.ndarray) and value.size == 1 and value.dtype.kind in "biuf":
        return float(value.reshape(-1)[0])
    return float("nan")


def _slopes(context: CheckContext, case: Case, seen: Seen, options: GradientsOptions) -> SlopesSeen:
    """Measure slopes for every gradient that has a usable shape."""
    group = case.inputs[options.inputs]
    if not isinstance(group, Mapping):
        raise TypeError(f"the case's '{options.inputs}' is not a group of arrays")
    claimed, slopes, shapes = {}, {}, {}
    for name in seen.expected:
        value = seen.actual.get(name)
        at = np.asarray(group[name])
        if not isinstance(value, np.ndarray) or value.size != at.size:
            continue
        claimed[name] = value
        shapes[name] = at.shape
        entries = choose_entries(at.shape, ENTRIES_PER_GRADIENT, context.rng)
        noise = noise_from(_losses(context, case, options, name, noise_points(at)))
        planned = plan(at, entries, noise=noise)
        slopes[name] = slopes_from(planned, _losses(context, case, options, name, planned.points()))
    first = next(iter(case.inputs.values()))
    return SlopesSeen(
        case.label, claimed, shapes, slopes, len(first) if isinstance(first, np.ndarray) and first.ndim else 1
    )


def _losses(
    context: CheckContext, case: Case, options: GradientsOptions, name: str, points: Iterator[np.ndarray]
) -> list[float | Failure]:
    """Evaluate the student's loss with the array ``name`` replaced by each of ``points``."""
    group = case.inputs[options.inputs]
    assert isinstance(group, Mapping)
    many: list[Inputs] = [{**case.inputs, options.inputs: {**group, name: point}} for point in points]
    function = context.part.function_returning(options.loss)
    try:
        outputs = context.student.outputs_of_many(function, many)
    except StudentError as error:
        if error.verdict is not Verdict.CRASH:
            raise
        return [Failure("could not be evaluated near this point")] * len(many)
    values = [_number(one[options.loss]) for one in outputs]
    return [value if np.isfinite(value) else Failure("is not a finite number near this point") for value in values]


# --- judging ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Row:
    """One gradient: how it compares with each yardstick, and whether it earns its points."""

    name: str
    oracle: Agreement
    slopes: SlopeAgreement | None
    slopes_case: str
    follows: float | None
    earns: bool
    undecided: bool

    @property
    def shown(self) -> tuple[str, str]:
        """``(error, allowed)`` for the table: exact against the student's own loss, else a power of ten only."""
        if self.oracle.complaint:
            return "–", "–"
        slopes = self.slopes
        if slopes is not None and not slopes.inconclusive and slopes.agrees == self.oracle.agrees:
            return _error(slopes.worst), f"{slopes.bound:.0e}"
        worst = magnitude(self.oracle.worst)
        return (f"about {worst}" if np.isfinite(self.oracle.worst) else worst), f"{self.oracle.bound:.0e}"

    @property
    def measurements(self) -> tuple[Measurement, ...]:
        """Errors against both yardsticks."""
        found = [self.oracle.measurement]
        if self.slopes is not None:
            worst = self.slopes.worst if np.isfinite(self.slopes.worst) else None
            found.append(
                Measurement(f"{self.name}: error against the slope of the loss", worst, bound=self.slopes.bound)
            )
        return tuple(found)


def _row(name: str, seen: GradientsSeen, options: GradientsOptions, relative: float) -> _Row:
    oracle = agreement(name, seen.cases, relative)
    judged = [
        (one.case, judge_slopes(one.claimed[name].reshape(one.shapes[name]), one.slopes[name], relative=relative))
        for one in seen.slopes
        if name in one.slopes and match_shapes(one.claimed[name].shape, one.shapes[name]) is not ShapeMatch.DIFFERENT
    ]
    judged.sort(key=lambda pair: (not pair[1].agrees, not pair[1].inconclusive), reverse=True)
    case, slopes = judged[0] if judged else ("", None)
    follows = None
    if ORACLE in options.against:
        if options.follow_through and not oracle.agrees:
            follows = _follow_through(name, seen, relative)
        earns, undecided = oracle.agrees or follows is not None, False
    else:
        # the worst of all cases decides; a shape that allows no comparison is a difference, not a doubt
        earns = slopes is not None and slopes.agrees
        undecided = slopes is not None and slopes.inconclusive
    return _Row(name, oracle, slopes, case, follows, earns, undecided)


def _follow_through(name: str, seen: GradientsSeen, relative: float) -> float | None:
    """Return the factor by which the student's loss is off on the first case, if on every case the gradient is off by
    that case's factor exactly; else ``None``."""
    first: float | None = None
    for case, (own, right) in zip(seen.cases, seen.losses, strict=True):
        value = case.actual.get(name)
        factor = own / right if right else float("nan")
        if not isinstance(value, np.ndarray) or not np.isfinite(factor) or factor == 0:
            return None
        if not compare(value, factor * case.expected[name], relative=relative).agrees:
            return None
        first = factor if first is None else first
    return first


def _passed(rows: list[_Row], seen: GradientsSeen) -> Judgement:
    names = listed([row.name for row in rows])
    against = "the reference"
    if any(row.slopes is not None and row.slopes.agrees for row in rows):
        against += " and with the slope of your own loss"
    summary = f"{names} agree with {against} on {count_of(len(seen.cases), 'case')}."
    followed = [row for row in rows if row.follows is not None]
    if followed:
        summary = f"{names} are right for your loss; that the loss itself is off is counted once, with the loss."
    return Judgement(
        Verdict.PASS, 1.0, Evidence.VERIFIED, Feedback(summary),
        measurements=tuple(measurement for row in rows for measurement in row.measurements),
        findings=axis_findings([row.oracle for row in rows]),
    )  # fmt: skip


def _needs_review(rows: list[_Row]) -> Judgement:
    names = listed([row.name for row in rows if row.undecided])
    reasons = tuple(sorted({row.slopes.reason for row in rows if row.slopes is not None and row.slopes.reason}))
    feedback = Feedback(
        f"The slope of your loss could not be measured well enough to judge {names}; a person will look at it.",
        facts=tuple(f"{reason[0].upper()}{reason[1:]}." for reason in reasons),
    )
    return Judgement(Verdict.NEEDS_REVIEW, 0.0, Evidence.VERIFIED, feedback)


def _summary(rows: list[_Row]) -> str:
    wrong = [row for row in rows if not row.earns]
    own = [row for row in wrong if row.slopes is not None and not row.slopes.agrees and not row.slopes.inconclusive]
    numbers = f"{_words(len(wrong))} of your {_words(len(rows)).lower()} gradients"
    if len(wrong) == len(rows) > 1:
        numbers = f"All {_words(len(rows)).lower()} of your gradients"
    verb = "disagrees" if len(wrong) == 1 else "disagree"
    if len(own) == len(wrong):
        return f"{numbers} {verb} with the slope of your own loss."
    return f"{numbers} {verb} with the one the handout asks for."


def _words(number: int) -> str:
    words = ("None", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
    return words[number] if number < len(words) else str(number)


def _table(rows: list[_Row], points: dict[str, float], earned: dict[str, float]) -> Table:
    cells = tuple(
        (
            row.name,
            row.oracle.shape,
            *row.shown,
            f"{points_text(earned[row.name])} of {points_text(points[row.name])}",
            "ok" if row.earns else "differs",
        )
        for row in rows
    )
    columns = ("gradient", "shape", "worst relative error", "allowed", "points", "")
    return Table(columns, cells, ("worst relative error", "allowed", "points"))


def _where_it_differs(rows: list[_Row]) -> tuple[str, ...]:
    """Complaints, then the entry that is furthest from the slope of the student's own loss."""
    wrong = [row for row in rows if not row.earns]
    convicted = [
        (row.name, row.slopes)
        for row in wrong
        if row.slopes is not None and not row.slopes.agrees and not row.slopes.inconclusive
    ]
    facts = [row.oracle.complaint for row in wrong if row.oracle.complaint]
    if not convicted:
        if all(row.slopes is not None and row.slopes.agrees for row in wrong):
            facts.append("They are the slope of your own loss, so the mistake is in the loss or in the forward pass.")
        return (*facts, *(worst_facts([row.oracle for row in wrong if not row.oracle.complaint])))
    name, slopes = max(convicted, key=lambda pair: pair[1].worst if np.isfinite(pair[1].worst) else np.inf)
    place = entry_name(name, slopes.where)
    return (
        *facts,
        f"Where it differs most: {place}",
        f"  your gradient says                  {slopes.claimed:>16.6g}",
        f"  your own loss changes at the rate   {slopes.slope:>16.6g}",
        f"  (we moved {place} by {slopes.step:g} each way and called your loss; you can do the same)",
    )


def _follow_through_facts(rows: list[_Row]) -> tuple[str, ...]:
    names = [row.name for row in rows if row.follows is not None]
    if not names:
        return ()
    return (f"{listed(names)} would be right for your loss; that the loss is off is counted once, with the loss.",)


def _diagnoses(rows: list[_Row], seen: GradientsSeen, relative: float) -> tuple[Diagnosis, ...]:
    """Patterns against the slopes of the student's own loss: nothing of the oracle is in them."""
    if not seen.slopes:
        return ()
    one = seen.slopes[0]
    pairs = {
        row.name: Pair.sampled(one.claimed[row.name], one.shapes[row.name], one.slopes[row.name])
        for row in rows
        if row.name in one.slopes and not row.earns
    }
    patterns = diagnose(pairs, subject=Subject.GRADIENTS, facts={"examples": one.examples}, relative=relative)
    return tuple(Diagnosis(pattern.id, pattern.text) for pattern in patterns)


def _seen_on(wrong: list[_Row]) -> str:
    convicted = [row for row in wrong if row.slopes is not None and not row.slopes.agrees]
    return convicted[0].slopes_case if convicted else wrong[0].oracle.case


def _error(error: float) -> str:
    return f"{error:.1e}" if np.isfinite(error) else "not finite"
