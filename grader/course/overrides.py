"""``overrides.yaml``: points that a person enters by hand, for a criterion of a student.

```yaml
regularization:                  # the assignment
  alice:                         # the student, as reports name her
    answers.method:
      points: 2.5                # or share: 80%
      by: KT
      on: 2026-11-21
      note: The batch size is missing.
      submission: "3f2a9c01b7de" # the work this is about, as `grader overrides` writes it
```

Read before anything is graded, and held against the rubrics, so that a mistake in it is found at once.
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Self

import msgspec

from grader.course.convert import convert_struct
from grader.course.errors import Problems, did_you_mean
from grader.course.model import Assignment, Course, Criterion, Source
from grader.course.units import Percentage, UnitError
from grader.course.yaml_source import Node, read_yaml

OVERRIDES = "overrides.yaml"
GUIDE = "docs/instructor/overrides.md"
DIGITS = 12
"""How many digits of a submission's digest an entry has; fewer than eight are refused."""

_DIGEST = re.compile(r"[0-9a-f]{8,64}", re.ASCII)


class Entered(msgspec.Struct, frozen=True):
    """Points that somebody entered, ``0 <= points <=`` the criterion's. ``submission`` is empty, or the first digits of
    the digest of the work it is about."""

    assignment: str
    student: str
    criterion: str
    points: float
    by: str
    on: date
    note: str
    submission: str
    source: Source


class Words(str):
    """A text that is not empty."""

    @classmethod
    def read(cls, written: object) -> Self:
        """Read a text.

        Raises:
            UnitError: it is no text, or there is nothing in it.
        """
        if not isinstance(written, str):
            raise UnitError(f"must be text, not the number {written}; write it in quotes")
        if not written.strip():
            raise UnitError("must say something")
        return cls(written.strip())


class Day(date):
    """A date, written ``2026-11-21``."""

    @classmethod
    def read(cls, written: object) -> Self:
        """Read a date.

        Raises:
            UnitError: it is something else.
        """
        try:
            return cls.fromisoformat(str(written))
        except ValueError:
            raise UnitError(f"must be a date, as in 2026-11-21, not '{written}'") from None


class Digest(str):
    """The first digits of a submission's digest: eight or more of ``0-9a-f``."""

    @classmethod
    def read(cls, written: object) -> Self:
        """Read the digits.

        Raises:
            UnitError: they are something else.
        """
        if not _DIGEST.fullmatch(str(written)):
            raise UnitError(
                f"must be at least 8 digits 0-9a-f in quotes, as `grader overrides` has it, not '{written}'"
            )
        return cls(written)


class _Entry(msgspec.Struct, frozen=True):
    """The keys of one criterion."""

    by: Words
    on: Day
    note: Words
    points: Annotated[float, msgspec.Meta(ge=0)] | None = None
    share: Percentage | None = None
    submission: Digest | None = None


def read_overrides(path: Path, course: Course) -> tuple[Entered, ...]:
    """Return what was entered in the file at ``path``, in its order.

    Raises:
        RubricErrors: the file cannot be read, or something in it does not fit the course; it lists every mistake with
            its line. Whether a student exists cannot be known here.
    """
    problems = Problems()
    shown = path.relative_to(course.root).as_posix() if path.is_relative_to(course.root) else str(path)
    root = read_yaml(path, shown, problems, GUIDE)
    entered = tuple(_read(root, course, problems)) if root is not None else ()
    problems.raise_if_any()
    return entered


def _read(root: Node, course: Course, problems: Problems) -> Iterator[Entered]:
    assignments = {assignment.id: assignment for assignment in course.assignments}
    for name, students in _entries(root, "the file", "assignments", problems):
        assignment = assignments.get(name)
        if assignment is None:
            message = f"the course has no assignment '{name}'"
            problems.add(students.source, message, did_you_mean(name, assignments))
            continue
        for student, criteria in _entries(students, f"'{name}'", "students", problems):
            for criterion_id, entry in _entries(criteria, f"'{student}'", "criteria", problems):
                yield from _one(entry, assignment, student, criterion_id, problems)


def _entries(node: Node, what: str, of: str, problems: Problems) -> Iterator[tuple[str, Node]]:
    if isinstance(node.content, dict):
        yield from node.content.items()
    else:
        problems.add(node.source, f"{what} must be a mapping of {of}, not {node.describe()}", f"{GUIDE} shows one")


def _one(entry: Node, assignment: Assignment, student: str, criterion_id: str, problems: Problems) -> Iterator[Entered]:
    known = {criterion.id: criterion for criterion in assignment.criteria}
    if criterion_id not in known:
        message = f"{assignment.id} has no criterion '{criterion_id}'"
        problems.add(entry.source, message, did_you_mean(criterion_id, known))
        return
    what = f"'{criterion_id}' of '{student}'"
    if not isinstance(entry.content, dict):
        problems.add(entry.source, f"{what} must be a mapping (key: value), not {entry.describe()}")
        return
    read = convert_struct(entry.content, _Entry, entry, what, problems)
    if read is None:
        return
    points = _points(read, known[criterion_id], what, entry, problems)
    if points is not None:
        yield Entered(
            assignment=assignment.id,
            student=student,
            criterion=criterion_id,
            points=points,
            by=str(read.by),  # plain again: reports are encoded by type
            on=read.on,
            note=str(read.note),
            submission=str(read.submission or ""),
            source=entry.source,
        )


def _points(read: _Entry, criterion: Criterion, what: str, entry: Node, problems: Problems) -> float | None:
    if (read.points is None) == (read.share is None):
        which = "neither 'points' nor 'share'" if read.points is None else "both 'points' and 'share'"
        problems.add(entry.source, f"{what} has {which}", "write one of them, as in share: 80%")
        return None
    if read.share is not None:
        return float(read.share) * criterion.points
    points = read.points or 0.0
    if points > criterion.points:
        message = f"{what} has {points:g} points, but the criterion is worth {criterion.points:g}"
        problems.add(entry.source, message, f"it stands in {criterion.source}")
        return None
    return points
