"""``grader export``: bundles for platforms that grade on push or on upload."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from grader.course.model import Assignment, Course
    from grader.export.bundle import Bundled

USAGE = 2

_assignment = click.argument("assignment")
_course = click.option(
    "--course", "course_root", type=click.Path(path_type=Path), help="The folder with the course's rubric.yaml."
)
_framework = click.option(
    "--with", "extras", multiple=True, type=click.Choice(["torch", "keras"]),
    help="Install this framework with the grader.",
)  # fmt: skip


def _out(what: str) -> Callable[..., Callable[..., None]]:
    return click.option("--out", type=click.Path(path_type=Path), metavar="PATH", help=f"Where to write {what}.")


@click.group()
def export() -> None:
    """Make a bundle of an assignment for a platform that grades."""


@export.command()
@_assignment
@_out("the zip  [default: ASSIGNMENT.zip]")
@_framework
@_course
def gradescope(assignment: str, out: Path | None, extras: tuple[str, ...], course_root: Path | None) -> None:
    """Write an autograder zip for Gradescope: set-up and run scripts, the grader, the whole ASSIGNMENT."""
    from grader.export import bundle

    path = out or Path(f"{assignment}.zip")
    _export(assignment, course_root, lambda course, found: bundle.gradescope(course, found, path, extras))


@export.command()
@_assignment
@_out("the folder  [default: autograders/ASSIGNMENT]")
@_framework
@_course
def classroom50(assignment: str, out: Path | None, extras: tuple[str, ...], course_root: Path | None) -> None:
    """Make the folder of ASSIGNMENT in a Classroom 50 course: autograder.py, the grader, the public criteria."""
    from grader.export import bundle

    path = out or Path("autograders") / assignment
    _export(assignment, course_root, lambda course, found: bundle.classroom50(course, found, path, extras))


@export.command()
@_assignment
@_out("the folder  [default: practice/ASSIGNMENT]")
@_course
def practice(assignment: str, out: Path | None, course_root: Path | None) -> None:
    """Make a course for students' repositories: the criteria of ASSIGNMENT that need no reference."""
    from grader.export import bundle

    path = out or Path("practice") / assignment
    _export(assignment, course_root, lambda course, found: bundle.practice(course, found, path))


def _export(name: str, course_root: Path | None, make: "Callable[[Course, Assignment], Bundled]") -> None:
    from grader.course.errors import RubricErrors
    from grader.course.load import find_root
    from grader.execute import course_at
    from grader.export.errors import ExportError

    try:
        course = course_at(course_root or find_root(Path.cwd()))
        known = {item.id: item for item in course.assignments}
        if name not in known:
            raise click.UsageError(f"There is no assignment '{name}' here; there are: {', '.join(known)}.")
        made = make(course, known[name])
    except (RubricErrors, ExportError) as error:
        click.echo(str(error), err=True)
        sys.exit(USAGE)
    click.echo(f"{made.path}: {len(made.criteria)} of {len(known[name].criteria)} criteria of {name}")
    if made.left_out:
        click.echo(f"Left out: {', '.join(made.left_out)}")
