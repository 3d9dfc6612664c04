"""What every kind of check is given, and what it gives back.

A check observes, then judges. ``observe`` is the only half that talks to the student's worker and to the oracle;
``judge`` is a pure function of what was observed.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Protocol

import msgspec
import numpy as np

from grader.checks.student import Student
from grader.course.model import Criterion, FunctionSpec, Part
from grader.oracle.run import Case, Oracle
from grader.recording.events import Recording
from grader.results import Judgement
from grader.sandbox import wire


class CheckContext(msgspec.Struct, frozen=True):
    """Everything a check may use while it observes. ``rng`` serves choices such as which entries to sample."""

    part: Part
    criterion: Criterion
    cases: tuple[Case, ...]
    student: Student
    oracle: Oracle
    rng: np.random.Generator
    folder: Path
    """The assignment's, in which what was recorded of the references lies."""
    files: Mapping[str, bytes]
    """What was handed in, by its path. Hostile: a check reads plain text from it at most, and with care."""
    recordings: Callable[[], tuple[Recording, ...]] = tuple
    """What the notebooks did while they were replayed; the first call replays them. Empty where nothing is."""


class Check(Protocol):
    """One kind of check. ``Options`` validates the kind's own lines of a criterion."""

    Options: ClassVar[type]

    def observe(self, context: CheckContext) -> Any:
        """Run what has to be run. Raises ``StudentError`` or ``OracleError``; never decides anything."""

    def judge(self, seen: Any, criterion: Criterion) -> Judgement:
        """Decide. Pure: the same observation always gives the same judgement."""


class Seen(msgspec.Struct, frozen=True):
    """What one case showed: the student's named outputs beside the oracle's. Groups are flattened (``W1``, ``b1``)."""

    case: str
    actual: dict[str, wire.Payload]
    expected: dict[str, np.ndarray]


def functions_for(part: Part, names: tuple[str, ...]) -> tuple[FunctionSpec, ...]:
    """Return the functions that return these values, each once, in the part's order."""
    wanted = {part.function_returning(name).name for name in names}
    return tuple(function for function in part.functions if function.name in wanted)


def see_cases(context: CheckContext, names: tuple[str, ...]) -> tuple[Seen, ...]:
    """Call the student and the oracle on every case and pair what they returned, for the values named.

    A value that the student did not return is absent from ``actual``.

    Raises:
        StudentError: the student's function is missing, failed, or returned something that is not its outputs.
        OracleError: the course's own code failed.
    """
    seen = [Seen(case.label, {}, {}) for case in context.cases]
    for function in functions_for(context.part, names):
        references = [context.oracle.outputs(function, case) for case in context.cases]
        returned = context.student.outputs(function, [case.inputs for case in context.cases])
        for one, reference, outputs in zip(seen, references, returned, strict=True):
            for name in function.returns:
                if name in names:
                    _pair(one, name, reference[name], outputs[name])
    return tuple(seen)


def _pair(seen: Seen, name: str, wanted: np.ndarray | dict[str, np.ndarray], returned: wire.Payload) -> None:
    if isinstance(wanted, dict):
        seen.expected.update(wanted)
        if isinstance(returned, dict):
            seen.actual.update({key: returned[key] for key in wanted if key in returned})
    else:
        seen.expected[name] = wanted
        seen.actual[name] = returned


def as_names(of: "str | tuple[str, ...]") -> tuple[str, ...]:
    """``of:`` may be one name or a list of names."""
    return (of,) if isinstance(of, str) else of


def name_points(names: tuple[str, ...], points_by: dict[str, float], points: float) -> dict[str, float]:
    """Return the points of each name: as the rubric says, else ``points`` shared equally (for the report's table).

    Raises:
        ValueError: the rubric splits the points among other names than the reference returns.
    """
    if not points_by:
        return {name: points / len(names) for name in names}
    if set(points_by) != set(names):
        raise ValueError(f"points_by names {', '.join(points_by)}, but the reference returns {', '.join(names)}")
    return {name: points_by[name] for name in names}


def share(earned: dict[str, float], points: float) -> float:
    """Return the earned points as a fraction of all, 0 to 1; 0 of a criterion that is worth nothing."""
    return min(max(sum(earned.values()) / points, 0.0), 1.0) if points else 0.0
