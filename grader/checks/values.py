"""``check: values`` — are the values that a function returns the ones the oracle computes?"""

from collections.abc import Iterable
from typing import ClassVar

import msgspec
import numpy as np

from grader.checks.agreement import (
    Agreement,
    Tolerance,
    agreement,
    agreement_table,
    axis_findings,
    expected_facts,
    worst_facts,
)
from grader.checks.base import CheckContext, Seen, as_names, name_points, see_cases, share
from grader.checks.words import count_of
from grader.course.model import Criterion, Part
from grader.numerics.compare import compare
from grader.numerics.diagnose import Pair, Subject, diagnose
from grader.numerics.diagnosis_text import listed
from grader.results import Diagnosis, Evidence, Feedback, Judgement, Verdict


class ValuesOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``of`` names one returned value or several. ``points_by`` gives points per value; without it, all or nothing."""

    of: str | tuple[str, ...]
    tolerance: Tolerance = Tolerance()
    points_by: dict[str, float] = {}

    def problems(self, *, points: float, part: Part) -> Iterable[tuple[str, str]]:
        """Yield ``(field, message)`` for what types alone cannot check."""
        yield from problems_of_names("of", as_names(self.of), part)
        if self.points_by:
            yield from problems_of_points(self.points_by, as_names(self.of), points)


class Values:
    """Compares what the student's function returns with the oracle, case by case."""

    Options: ClassVar[type] = ValuesOptions

    def observe(self, context: CheckContext) -> tuple[Seen, ...]:
        """Call the student's functions and the oracle's on every case."""
        return see_cases(context, as_names(context.criterion.options.of))

    def judge(self, seen: tuple[Seen, ...], criterion: Criterion) -> Judgement:
        """Give each value its points if it agrees on every case."""
        options: ValuesOptions = criterion.options
        items = [agreement(name, seen, options.tolerance.relative) for name in seen[0].expected]
        points = name_points(tuple(item.name for item in items), options.points_by, criterion.points)
        return judge_agreements(
            items,
            points,
            criterion,
            all_or_nothing=not options.points_by,
            summary=_summary(items, seen),
            diagnoses=_diagnoses(items, seen, options.tolerance.relative),
        )


def judge_agreements(
    items: list[Agreement],
    points: dict[str, float],
    criterion: Criterion,
    *,
    all_or_nothing: bool,
    summary: str,
    diagnoses: tuple[Diagnosis, ...],
) -> Judgement:
    """Turn agreements into a judgement: full points, part of them by name, or none."""
    right = [item for item in items if item.agrees]
    earned = {item.name: points[item.name] if item.agrees else 0.0 for item in items}
    if len(right) == len(items):
        verdict, fraction = Verdict.PASS, 1.0
    elif right and not all_or_nothing:
        verdict, fraction = Verdict.PARTIAL, share(earned, criterion.points)
    else:
        verdict, fraction = Verdict.FAIL, 0.0
    failed = verdict is not Verdict.PASS
    if failed and all_or_nothing:
        earned = dict.fromkeys(earned, 0.0)
    worst = next((item for item in items if not item.agrees), items[0])
    feedback = Feedback(
        summary,
        facts=worst_facts(items),
        table=agreement_table(items, points, earned) if failed else None,
        diagnoses=diagnoses,
        expected=expected_facts(items),
        seen_on=worst.case if failed else "",
    )
    return Judgement(
        verdict,
        fraction,
        Evidence.VERIFIED,
        feedback,
        measurements=tuple(item.measurement for item in items),
        findings=axis_findings(items),
    )


def _summary(items: list[Agreement], seen: tuple[Seen, ...]) -> str:
    wrong = [item.name for item in items if not item.agrees]
    if not wrong:
        return f"{_all_of(items)} with the reference on {count_of(len(seen), 'case')}."
    if len(items) == 1:
        return f"{wrong[0]} differs from what the handout asks for."
    verb = "differs" if len(wrong) == 1 else "differ"
    others = len(items) - len(wrong)
    rest = {0: "", 1: "; the other one agrees"}.get(others, f"; the other {others} agree")
    return f"{listed(wrong)} {verb} from what the handout asks for{rest}."


def _all_of(items: list[Agreement]) -> str:
    return f"{items[0].name} agrees" if len(items) == 1 else f"{listed([i.name for i in items])} agree"


def _diagnoses(items: list[Agreement], seen: tuple[Seen, ...], relative: float) -> tuple[Diagnosis, ...]:
    """Say what the numbers show, without a number from which the expected value could be worked out."""
    wrong = [item for item in items if not item.agrees]
    if not wrong:
        return ()
    if order := _other_order([item.name for item in wrong], seen, relative):
        return (order,)
    case = next(case for case in seen if case.case == wrong[0].case)
    pairs = {
        item.name: Pair.whole(value, case.expected[item.name])
        for item in wrong
        if isinstance(value := case.actual.get(item.name), np.ndarray)
    }
    patterns = diagnose(pairs, subject=Subject.VALUES, facts={}, relative=relative, print_factors=False)
    return tuple(Diagnosis(pattern.id, pattern.text) for pattern in patterns)


def _other_order(wrong: list[str], seen: tuple[Seen, ...], relative: float) -> Diagnosis | None:
    """Recognise values that are all right but come back in another order."""
    if len(wrong) < 2:
        return None

    def same(name: str, other: str) -> bool:
        return all(
            isinstance(value := case.actual.get(name), np.ndarray)
            and compare(value, case.expected[other], relative=relative).agrees
            for case in seen
        )

    matches = {name: next((other for other in wrong if other != name and same(name, other)), None) for name in wrong}
    if None in matches.values() or len(set(matches.values())) != len(wrong):
        return None
    moved = listed([f"the value in {name}'s place is {other}" for name, other in matches.items()])
    return Diagnosis(
        "values-reordered",
        f"The values are right but come in another order: {moved}. Return them in the handout's order, or declare "
        "yours under `returns:` in submission.yaml.",
    )


def problems_of_names(field: str, names: tuple[str, ...], part: Part) -> Iterable[tuple[str, str]]:
    """Yield a problem for each name that no function of the part returns."""
    known = [value for function in part.functions for value in function.returns]
    if not names:
        yield field, "names no value"
    for name in names:
        if name not in known:
            yield (
                field,
                f"no function of part '{part.id}' returns '{name}'; they return {', '.join(known) or 'nothing'}",
            )


def problems_of_points(
    points_by: dict[str, float], names: tuple[str, ...] | None, points: float
) -> Iterable[tuple[str, str]]:
    """Yield problems of a ``points_by``: names (where they are known), signs, and the sum."""
    if names is not None and set(points_by) != set(names):
        yield "points_by", f"gives points to {', '.join(points_by)}, but the values are {', '.join(names)}"
    if any(value < 0 for value in points_by.values()):
        yield "points_by", "points are not negative"
    total = sum(points_by.values())
    if abs(total - points) > 1e-9:
        yield "points_by", f"adds up to {total:g}, the criterion has {points:g}"
