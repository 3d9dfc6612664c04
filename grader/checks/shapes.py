"""``check: shapes`` — do the returned arrays have the shapes of the handout?"""

from collections.abc import Iterable
from typing import ClassVar, Literal

import msgspec
import numpy as np

from grader.checks.base import CheckContext, Seen, as_names, see_cases
from grader.checks.values import problems_of_names
from grader.checks.words import count_of, describe, shape_text
from grader.course.model import Criterion, Part
from grader.numerics.compare import ShapeMatch, match_shapes
from grader.numerics.diagnosis_text import listed
from grader.results import Evidence, Feedback, Finding, Judgement, Severity, Table, Verdict


class ShapesOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``of`` names returned values. ``singleton_axes: accept`` (default) takes ``(3, 1)`` for ``(3,)`` and says so in
    a finding; ``cost`` counts it as a difference."""

    of: str | tuple[str, ...]
    singleton_axes: Literal["accept", "cost"] = "accept"

    def problems(self, *, points: float, part: Part) -> Iterable[tuple[str, str]]:
        """Yield ``(field, message)`` for what types alone cannot check."""
        yield from problems_of_names("of", as_names(self.of), part)


class Shapes:
    """Compares shapes only, so that a wrong number does not cost the points for a right shape."""

    Options: ClassVar[type] = ShapesOptions

    def observe(self, context: CheckContext) -> tuple[Seen, ...]:
        """Call the student's functions and the oracle's on every case."""
        return see_cases(context, as_names(context.criterion.options.of))

    def judge(self, seen: tuple[Seen, ...], criterion: Criterion) -> Judgement:
        """Pass if every value has its shape on every case."""
        options: ShapesOptions = criterion.options
        wrong: dict[str, tuple[str, str, str]] = {}
        singleton: dict[str, str] = {}
        for case in seen:
            for name, expected in case.expected.items():
                value = case.actual.get(name)
                own = shape_text(value.shape) if isinstance(value, np.ndarray) else f"({describe(value)})"
                if name not in case.actual:
                    own = "(not returned)"
                match = match_shapes(value.shape, expected.shape) if isinstance(value, np.ndarray) else None
                if match is ShapeMatch.EXACT:
                    continue
                if match is ShapeMatch.SINGLETON:
                    singleton.setdefault(name, f"{name} {own}")
                    if options.singleton_axes == "accept":
                        continue
                wrong.setdefault(name, (own, case.case, shape_text(expected.shape)))
        if wrong:
            return _differs(wrong)
        findings = (_axes_finding(list(singleton.values())),) if singleton else ()
        summary = f"Every array has its shape on {count_of(len(seen), 'case')}."
        return Judgement(Verdict.PASS, 1.0, Evidence.VERIFIED, Feedback(summary), findings=findings)


def _differs(wrong: dict[str, tuple[str, str, str]]) -> Judgement:
    names = list(wrong)
    verb = "does" if len(names) == 1 else "do"
    noun = "shape" if len(names) == 1 else "shapes"
    expected = tuple(f"{name}: the reference has {shape} on {case}." for name, (_, case, shape) in wrong.items())
    feedback = Feedback(
        f"{listed(names)} {verb} not have the {noun} the handout asks for.",
        table=Table(("value", "your shape", "seen on"), tuple((n, own, case) for n, (own, case, _) in wrong.items())),
        facts=("Compare the column with the shapes in the handout, from the top.",),
        expected=expected,
        seen_on=next(iter(wrong.values()))[1],
    )
    return Judgement(Verdict.FAIL, 0.0, Evidence.VERIFIED, feedback)


def _axes_finding(names: list[str]) -> Finding:
    return Finding(
        "shape-extra-axis",
        Severity.NOTE,
        f"Axes of length 1 more or fewer than in the handout: {', '.join(names)}. It costs nothing here.",
    )
