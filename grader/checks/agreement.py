"""PURE: do a student's named values agree with the expected ones on every case? Shared by several kinds of checks."""

from typing import NamedTuple

import msgspec
import numpy as np

from grader.checks.base import Seen
from grader.checks.words import describe, entry_name, entry_value, magnitude, points_text, shape_text
from grader.numerics.compare import ShapeMatch, compare
from grader.results import Finding, Measurement, Severity, Table


class Tolerance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``relative``: the largest error allowed, as a share of the largest entry of the expected array."""

    relative: float = 1e-6

    def __post_init__(self) -> None:
        if not 0 < self.relative < 1:
            raise ValueError(f"a relative tolerance lies between 0 and 1, got {self.relative}")


class Agreement(msgspec.Struct, frozen=True):
    """One named value over all cases. ``case`` is the one where it is worst. ``complaint`` replaces numbers when the
    value is not an array of the right shape; ``own`` is the student's entry at the worst place."""

    name: str
    agrees: bool
    worst: float
    bound: float
    shape: str
    case: str
    cases: int
    complaint: str = ""
    place: str = ""
    own: str = ""
    expected: str = ""
    extra_axes: bool = False

    @property
    def measurement(self) -> Measurement:
        """The worst error, for the report."""
        finite = self.worst if np.isfinite(self.worst) else None
        return Measurement(f"{self.name}: worst error relative to its scale", finite, bound=self.bound)


def agreement(name: str, seen: tuple[Seen, ...], relative: float) -> Agreement:
    """Compare one named value on every case and keep the worst. A value that is missing, not an array, or of another
    shape on any case does not agree."""
    worst: _OnCase | None = None
    extra_axes = False
    for case in seen:
        current = _on_case(name, case, relative, len(seen))
        extra_axes = extra_axes or current.agreement.extra_axes
        if worst is None or _badness(current.agreement) > _badness(worst.agreement):
            worst = current
    if worst is None:
        raise ValueError("an agreement needs at least one case")
    found = msgspec.structs.replace(worst.agreement, extra_axes=extra_axes)
    if worst.value is None or worst.expected is None:
        return found
    return msgspec.structs.replace(
        found,
        place=entry_name(name, worst.where),
        own=entry_value(worst.value, worst.where),
        expected=entry_value(worst.expected.reshape(worst.value.shape), worst.where),
    )


class _OnCase(NamedTuple):
    """What one case shows, before it is put into words: the arrays and where they differ most, if they compare."""

    agreement: Agreement
    value: np.ndarray | None = None
    expected: np.ndarray | None = None
    where: tuple[int, ...] = ()


def _badness(item: Agreement) -> tuple[bool, bool, float]:
    return (not item.agrees, bool(item.complaint), item.worst if np.isfinite(item.worst) else np.inf)


def _on_case(name: str, case: Seen, relative: float, cases: int) -> _OnCase:
    expected = case.expected[name]

    def complain(shape: str, complaint: str) -> _OnCase:
        return _OnCase(Agreement(name, False, np.inf, relative, shape, case.case, cases, complaint))

    if name not in case.actual:
        return complain("–", f"{name} was not returned.")
    value = case.actual[name]
    if not isinstance(value, np.ndarray):
        return complain("–", f"{name} is not an array of numbers: it is {describe(value)}.")
    if value.size == 0 and expected.size:
        return complain(shape_text(value.shape), f"{name} is empty.")
    result = compare(value, expected, relative=relative)
    shape = shape_text(value.shape)
    if result.shape is ShapeMatch.DIFFERENT:
        return complain(shape, f"{name} has the shape {shape}, which is not the one the handout asks for.")
    has_extra_axes = result.shape is ShapeMatch.SINGLETON
    found = Agreement(
        name, result.agrees, result.worst, result.bound, shape, case.case, cases, extra_axes=has_extra_axes
    )
    return _OnCase(found, value, expected, result.where)


def agreement_table(items: list[Agreement], points: dict[str, float], earned: dict[str, float]) -> Table:
    """The table of a feedback: one row per named value."""
    rows = tuple(
        (
            item.name,
            item.shape,
            "–" if item.complaint else magnitude(item.worst),
            f"{item.bound:.0e}",
            f"{points_text(earned[item.name])} of {points_text(points[item.name])}",
            "ok" if item.agrees else "differs",
        )
        for item in items
    )
    return Table(("value", "shape", "error about", "allowed", "points", ""), rows, ("error about", "allowed", "points"))


def worst_facts(items: list[Agreement]) -> tuple[str, ...]:
    """What was seen where it differs: every complaint, and the worst entry of the rest."""
    failed = [item for item in items if not item.agrees]
    facts = [f"{item.complaint[:-1]} (on {item.case})." for item in failed if item.complaint]
    numeric = [item for item in failed if not item.complaint]
    if numeric:
        most = max(numeric, key=lambda item: item.worst if np.isfinite(item.worst) else np.inf)
        facts.append(f"Where it differs most: {most.place}. Your value there is {most.own}.")
    return tuple(facts)


def expected_facts(items: list[Agreement]) -> tuple[str, ...]:
    """The expected entries where values differ. Only for the feedback level ``expected``, and for graders."""
    return tuple(
        f"{item.place}: the reference has {item.expected}, the submission {item.own} (on {item.case})."
        for item in items
        if not item.agrees and not item.complaint
    )


def axis_findings(items: list[Agreement]) -> tuple[Finding, ...]:
    """A finding for values that are right but carry axes of length 1, as ``keepdims=True`` leaves behind."""
    names = [f"{item.name} {item.shape}" for item in items if item.agrees and item.extra_axes]
    if not names:
        return ()
    return (
        Finding(
            "shape-extra-axis",
            Severity.NOTE,
            f"The numbers are right, but the shape has axes of length 1 more or fewer than the handout's: "
            f"{', '.join(names)}. It costs nothing here.",
        ),
    )
