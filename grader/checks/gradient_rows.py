"""PURE: one gradient against both yardsticks, and the words for what was found. Used by ``check: gradients``."""

import msgspec
import numpy as np

from grader.checks.agreement import Agreement, agreement, axis_findings, worst_facts
from grader.checks.base import Seen
from grader.checks.words import count_of, entry_name, magnitude, points_text
from grader.numerics.compare import ShapeMatch, compare, match_shapes
from grader.numerics.diagnose import Pair, Subject, diagnose
from grader.numerics.diagnosis_text import listed
from grader.numerics.finite_difference import Slope, SlopeAgreement, judge_slopes
from grader.results import Diagnosis, Evidence, Feedback, Judgement, Measurement, Table, Verdict


class SlopesSeen(msgspec.Struct, frozen=True):
    """Slopes of the student's own loss on one case, by gradient, with the gradient claimed and the shape it should
    have; and how many examples the case has."""

    case: str
    claimed: dict[str, np.ndarray]
    shapes: dict[str, tuple[int, ...]]
    slopes: dict[str, tuple[Slope, ...]]
    examples: int


class GradientsSeen(msgspec.Struct, frozen=True):
    """``cases`` holds the gradients and ``losses`` the loss of the student and of the oracle, case by case.

    ``line`` is how all gradients together agree with the slope of the student's own loss on the first case, along one
    random line; ``slopes`` tell of each. ``slopes`` are not measured where the line leaves nothing to explain.
    """

    cases: tuple[Seen, ...]
    losses: tuple[tuple[float, float], ...]
    slopes: tuple[SlopesSeen, ...]
    line: SlopeAgreement | None = None
    _against_oracle: dict[tuple[str, float], Agreement] = msgspec.field(default_factory=dict)

    def against_oracle(self, name: str, relative: float) -> Agreement:
        """Compare one gradient with the oracle's on every case, once. ``relative`` is the error allowed."""
        if (name, relative) not in self._against_oracle:
            self._against_oracle[name, relative] = agreement(name, self.cases, relative)
        return self._against_oracle[name, relative]


class Row(msgspec.Struct, frozen=True):
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


def row_of(name: str, seen: GradientsSeen, relative: float, *, oracle_decides: bool, follow_through: bool) -> Row:
    """Compare one gradient with the oracle and, where there are slopes, with those; say whether it earns its points.

    Without ``oracle_decides`` the slopes decide. ``relative`` is the error allowed as a share of the scale.
    """
    oracle = seen.against_oracle(name, relative)
    judged = [
        (one.case, judge_slopes(one.claimed[name].reshape(one.shapes[name]), one.slopes[name], relative=relative))
        for one in seen.slopes
        if name in one.slopes and match_shapes(one.claimed[name].shape, one.shapes[name]) is not ShapeMatch.DIFFERENT
    ]
    judged.sort(key=lambda pair: (not pair[1].agrees, not pair[1].inconclusive), reverse=True)
    case, slopes = judged[0] if judged else ("", None)
    follows = None
    if oracle_decides:
        if follow_through and not oracle.agrees:
            follows = _follow_through(name, seen, relative)
        earns, undecided = oracle.agrees or follows is not None, False
    else:
        # the worst of all cases decides; a shape that allows no comparison is a difference, not a doubt
        earns = slopes is not None and slopes.agrees
        undecided = slopes is not None and slopes.inconclusive
    return Row(name, oracle, slopes, case, follows, earns, undecided)


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


def passed(rows: list[Row], seen: GradientsSeen) -> Judgement:
    """All gradients earn their points."""
    names = listed([row.name for row in rows])
    agree = []
    if all(row.oracle.agrees for row in rows):
        agree.append(f"with the reference on {count_of(len(seen.cases), 'case')}")
    if all(row.slopes is not None and row.slopes.agrees for row in rows):
        agree.append(f"with the slope of your own loss on {count_of(len(seen.slopes), 'case')}")
    elif seen.line is not None and seen.line.agrees:
        agree.append("with the slope of your own loss along a random line")
    summary = f"{names} agree {', and '.join(agree)}."
    followed = [row for row in rows if row.follows is not None]
    if followed:
        summary = f"{names} are right for your loss; that the loss itself is off is counted once, with the loss."
    measurements = [measurement for row in rows for measurement in row.measurements]
    if seen.line is not None and np.isfinite(seen.line.worst):
        what = f"{names}: error against the slope of the loss along a random line"
        measurements.append(Measurement(what, seen.line.worst, bound=seen.line.bound))
    return Judgement(
        Verdict.PASS, 1.0, Evidence.VERIFIED, Feedback(summary),
        measurements=tuple(measurements),
        findings=axis_findings([row.oracle for row in rows]),
    )  # fmt: skip


def needs_review(rows: list[Row]) -> Judgement:
    """The slopes cannot decide, and there is nothing else."""
    names = listed([row.name for row in rows if row.undecided])
    reasons = tuple(sorted({row.slopes.reason for row in rows if row.slopes is not None and row.slopes.reason}))
    feedback = Feedback(
        f"The slope of your loss could not be measured well enough to judge {names}; a person will look at it.",
        facts=tuple(f"{reason[0].upper()}{reason[1:]}." for reason in reasons),
    )
    return Judgement(Verdict.NEEDS_REVIEW, 0.0, Evidence.VERIFIED, feedback)


def summary(rows: list[Row]) -> str:
    """One sentence: how many, and against what."""
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


def table(rows: list[Row], points: dict[str, float], earned: dict[str, float]) -> Table:
    """One row per gradient."""
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


def where_it_differs(rows: list[Row]) -> tuple[str, ...]:
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


def follow_through_facts(rows: list[Row]) -> tuple[str, ...]:
    """Say which gradients are right for a loss that is off."""
    names = [row.name for row in rows if row.follows is not None]
    if not names:
        return ()
    return (f"{listed(names)} would be right for your loss; that the loss is off is counted once, with the loss.",)


def diagnoses(rows: list[Row], seen: GradientsSeen, relative: float) -> tuple[Diagnosis, ...]:
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


def seen_on(wrong: list[Row]) -> str:
    """The case to show: where the slopes convict, else where the oracle does."""
    convicted = [row for row in wrong if row.slopes is not None and not row.slopes.agrees]
    return convicted[0].slopes_case if convicted else wrong[0].oracle.case


def _error(error: float) -> str:
    return f"{error:.1e}" if np.isfinite(error) else "not finite"
