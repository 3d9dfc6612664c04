"""``check: gradients`` — is each gradient right?

Two yardsticks. The oracle says what the gradient is; finite differences of the student's own loss say what the
student's own formula for the loss implies, and need no reference at all. Where both are listed the oracle decides and
the finite differences explain: gradients that agree with the oracle are held against one slope along a random line,
and only if there is something to explain is every gradient measured entry by entry. Where only finite differences are
listed they decide.

A loss that is wrong by a constant factor, and gradients that are right for that loss, are one mistake: it has cost
the points for the loss, and with ``follow_through`` (the default) it costs no gradient. That is checked against the
oracle, so a loss cannot be invented to suit a gradient.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Literal, TypeAlias

import msgspec
import numpy as np

from grader.checks import gradient_rows as words
from grader.checks.agreement import Tolerance, axis_findings, expected_facts
from grader.checks.base import CheckContext, Seen, name_points, see_cases, share
from grader.checks.gradient_rows import GradientsSeen, SlopesSeen, row_of
from grader.checks.student import StudentError
from grader.checks.values import problems_of_names, problems_of_points
from grader.course.model import Criterion, Part
from grader.numerics.finite_difference import Slope, SlopeAgreement, choose_entries, plan, slopes_from
from grader.numerics.noise import Failure, noise_from, noise_points
from grader.numerics.uphill import judge_line, line_noise_points, line_points, uphill
from grader.oracle.run import Case, Inputs
from grader.results import Evidence, Feedback, Judgement, Verdict

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


class Gradients:
    """Compares each gradient on its own, with the oracle and with the slope of the student's own loss."""

    Options: ClassVar[type] = GradientsOptions

    def observe(self, context: CheckContext) -> GradientsSeen:
        """Collect gradients and losses on every case, and slopes on the first one (on all, without an oracle)."""
        options: GradientsOptions = context.criterion.options
        seen, losses = [], []
        for both in see_cases(context, (options.of, options.loss)):
            expected = {name: array for name, array in both.expected.items() if name != options.loss}
            actual = {name: value for name, value in both.actual.items() if name in expected}
            seen.append(Seen(both.case, actual, expected))
            losses.append((_number(both.actual.get(options.loss)), _number(both.expected[options.loss])))
        found = GradientsSeen(tuple(seen), tuple(losses), ())
        if SLOPES not in options.against:
            return found
        both_of = list(zip(context.cases, seen, strict=True))
        if ORACLE in options.against:
            both_of = both_of[:1]
            relative = options.tolerance.relative
            if all(found.against_oracle(name, relative).agrees for name in seen[0].expected):
                found = msgspec.structs.replace(found, line=_line(context, *both_of[0], options))
        if found.line is not None and found.line.agrees:
            return found
        slopes = tuple(_slopes(context, case, one, options) for case, one in both_of)
        return msgspec.structs.replace(found, slopes=slopes)

    def judge(self, seen: GradientsSeen, criterion: Criterion) -> Judgement:
        """Give each gradient its points."""
        options: GradientsOptions = criterion.options
        relative = options.tolerance.relative
        names = tuple(seen.cases[0].expected)
        points = name_points(names, options.points_by, criterion.points)
        rows = [
            row_of(
                name,
                seen,
                relative,
                oracle_decides=ORACLE in options.against,
                follow_through=options.follow_through,
            )
            for name in names
        ]
        if any(row.undecided for row in rows):
            return words.needs_review(rows)
        earned = {row.name: points[row.name] if row.earns else 0.0 for row in rows}
        wrong = [row for row in rows if not row.earns]
        if not wrong:
            return words.passed(rows, seen)
        partial = len(wrong) < len(rows) and bool(options.points_by)
        if not partial:
            earned = dict.fromkeys(earned, 0.0)
        items = [row.oracle for row in rows]
        feedback = Feedback(
            words.summary(rows),
            facts=(*words.where_it_differs(rows), *words.follow_through_facts(rows)),
            table=words.table(rows, points, earned),
            diagnoses=words.diagnoses(rows, seen, relative),
            expected=expected_facts(items),
            seen_on=words.seen_on(wrong),
        )
        return Judgement(
            Verdict.PARTIAL if partial else Verdict.FAIL,
            share(earned, criterion.points),
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


def _line(context: CheckContext, case: Case, seen: Seen, options: GradientsOptions) -> SlopeAgreement:
    """Measure one slope of the student's own loss, with all arrays moved at once. The gradients agree with the oracle,
    so they are arrays of the right size."""
    at = _taken_by(case, seen, options)
    claimed = {name: np.asarray(seen.actual[name]).reshape(array.shape) for name, array in at.items()}
    line = uphill(claimed, at, context.rng)
    noise = noise_from(_losses(context, case, options, (line.arrays(t) for t in line_noise_points())))
    losses = _losses(context, case, options, (line.arrays(t) for t in line_points(noise)))
    return judge_line(line, noise, losses, relative=options.tolerance.relative)


def _taken_by(case: Case, seen: Seen, options: GradientsOptions) -> dict[str, np.ndarray]:
    """The arrays that the gradients are taken by, as the case has them."""
    group = case.inputs[options.inputs]
    if not isinstance(group, Mapping):
        raise TypeError(f"the case's '{options.inputs}' is not a group of arrays")
    return {name: np.asarray(group[name]) for name in seen.expected}


def _slopes(context: CheckContext, case: Case, seen: Seen, options: GradientsOptions) -> SlopesSeen:
    """Measure slopes for every gradient with as many entries as the array it is taken by."""
    at = _taken_by(case, seen, options)
    claimed = {
        name: value
        for name in seen.expected
        if isinstance(value := seen.actual.get(name), np.ndarray) and value.size == at[name].size
    }
    slopes: dict[str, tuple[Slope, ...]] = {}
    if claimed:
        # the noise is the loss's own, whichever array is moved to measure it
        first = next(iter(claimed))
        noise = noise_from(_losses(context, case, options, ({first: point} for point in noise_points(at[first]))))
        plans = {
            name: plan(at[name], choose_entries(at[name].shape, ENTRIES_PER_GRADIENT, context.rng), noise=noise)
            for name in claimed
        }
        moved = [(name, point) for name, planned in plans.items() for point in planned.points()]
        losses = _losses(context, case, options, ({name: point} for name, point in moved))
        for name, planned in plans.items():
            count = sum(1 for moved_name, _ in moved if moved_name == name)
            slopes[name] = slopes_from(planned, losses[:count])
            losses = losses[count:]
    shapes = {name: at[name].shape for name in claimed}
    return SlopesSeen(case.label, claimed, shapes, slopes, _examples(case))


def _examples(case: Case) -> int:
    """The length of the first input: by convention its rows are the examples."""
    first = next(iter(case.inputs.values()))
    return len(first) if isinstance(first, np.ndarray) and first.ndim else 1


def _losses(
    context: CheckContext, case: Case, options: GradientsOptions, moved: Iterator[dict[str, np.ndarray]]
) -> list[float | Failure]:
    """Evaluate the student's loss once for each of ``moved``: arrays by name that take the place of the case's."""
    group = case.inputs[options.inputs]
    assert isinstance(group, Mapping)
    many: list[Inputs] = [{**case.inputs, options.inputs: {**group, **arrays}} for arrays in moved]
    function = context.part.function_returning(options.loss)
    try:
        outputs = context.student.outputs(function, many, only=options.loss)
    except StudentError as error:
        if error.verdict is not Verdict.CRASH:
            raise
        return [Failure("could not be evaluated near this point")] * len(many)
    values = [_number(one[options.loss]) for one in outputs]
    return [value if np.isfinite(value) else Failure("is not a finite number near this point") for value in values]
