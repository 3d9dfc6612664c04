"""``grader lint``: check the course's rubrics."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from grader.course.model import Assignment, Course, Part, Source


@click.command()
@click.argument("path", required=False, default=Path(), type=click.Path(path_type=Path))
@click.pass_context
def lint(context: click.Context, path: Path) -> None:
    """Check the course's rubrics, the root rubric.yaml and those of all assignments, and its overrides.yaml.

    PATH is the course's folder or anything inside it, such as one assignment; without it, the current folder.

    Exit code: 0 if the course can be graded, with or without warnings; 2 if not.
    """
    from grader.checks.registry import KINDS
    from grader.cli.overrides import entered_for
    from grader.course.errors import RubricErrors
    from grader.course.load import find_root, load

    if not path.exists():
        raise click.UsageError(f"there is no {path}; give the course's folder or something inside it")
    try:
        course = load(find_root(path), KINDS)
        entered_for(course, None)
    except RubricErrors as errors:
        click.echo(str(errors), err=True)
        gone = "it is" if len(errors.errors) == 1 else "they are"
        click.echo(f"{_count(len(errors.errors), 'error')}; the course cannot be graded until {gone} gone", err=True)
        context.exit(2)
    for warning in warnings(course):
        click.echo(warning)
    for line in summary(course):
        click.echo(line)


def summary(course: "Course") -> list[str]:
    """Return one line about the course and one about each assignment."""
    criteria = [criterion for assignment in course.assignments for criterion in assignment.criteria]
    lines = [
        f"rubric.yaml: {_count(len(course.assignments), 'assignment')}, "
        f"{_count(len(criteria), 'criterion')}, {_points(sum(c.points for c in criteria))}"
    ]
    for assignment in course.assignments:
        parts = ", ".join(f"{part.id} {_points(part.points)}" for part in assignment.parts)
        lines.append(f"{_rubric_of(course, assignment)}: {parts}")
    return lines


def warnings(course: "Course") -> Iterator[str]:
    """Yield what is allowed in a rubric but probably not meant."""
    for assignment in course.assignments:
        for part in assignment.parts:
            if part.points == 0:
                yield _warning(part.source, f"part '{part.id}' is worth 0 points")
        yield from _hidden_needs(assignment)
        yield from _unused_cases(course, assignment)


def _hidden_needs(assignment: "Assignment") -> Iterator[str]:
    """A BLOCKED criterion names the one it waits for, which a student is not to see."""
    from grader.results import Visibility

    order = list(Visibility)
    for criterion in assignment.criteria:
        for need in map(assignment.criterion, criterion.needs):
            if order.index(need.visibility) > order.index(criterion.visibility):
                yield _warning(
                    criterion.source,
                    f"criterion '{criterion.id}' needs '{need.id}', which students see less of: "
                    "when it blocks, they read that something they cannot see was not met",
                )


def _unused_cases(course: "Course", assignment: "Assignment") -> Iterator[str]:
    """A case function that no criterion draws from, and no other function of the file calls."""
    from grader.course.errors import Problems
    from grader.course.model import Source
    from grader.course.names import names_of

    parts_by_file: dict[str, list[Part]] = {}
    for part in assignment.parts:
        parts_by_file.setdefault(part.cases_file, []).append(part)
    for name, parts in parts_by_file.items():
        path = assignment.folder / name
        shown = path.relative_to(course.root).as_posix()
        names = names_of(path, shown, Problems()) if path.is_file() else None
        if names is None:
            continue
        drawn = {plan.name for part in parts for criterion in part.criteria for plan in criterion.cases}
        for function, line in names.functions.items():
            if function not in drawn | names.used:
                yield _warning(
                    Source(shown, line),
                    f"no criterion draws the case '{function}'; a helper's name starts with '_'",
                )


def _rubric_of(course: "Course", assignment: "Assignment") -> str:
    return assignment.rubric.relative_to(course.root).as_posix()


def _warning(source: "Source", message: str) -> str:
    return f"{source}: warning: {message}"


def _count(number: int, noun: str) -> str:
    if number == 1:
        return f"1 {noun}"
    return f"{number} criteria" if noun == "criterion" else f"{number} {noun}s"


def _points(points: float) -> str:
    return "1 point" if points == 1 else f"{points:g} points"
