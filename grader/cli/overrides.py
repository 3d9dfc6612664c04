"""Points entered by hand, around ``grader run``: which file they are read from, and a file to begin with."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from grader.course.model import Course
    from grader.course.overrides import Entered
    from grader.results import CriterionResult, GradeReport

NONE = "none"


def entered_for(course: "Course", given: str | None) -> "tuple[Entered, ...]":
    """Return what was entered in the file ``given``, or in the course's own if there is one; nothing for ``none``.

    Raises:
        RubricErrors: the file cannot be read, or something in it does not fit the course.
    """
    from grader.course.overrides import OVERRIDES, read_overrides

    if given == NONE:
        return ()
    path = Path(given).absolute() if given is not None else course.root / OVERRIDES
    if given is None and not path.exists():
        return ()
    return read_overrides(path, course)


def neighbours(submissions: Iterable[Path]) -> frozenset[str]:
    """Return the names of the students of ``submissions`` and of everything that lies beside them."""
    resolved = [path.resolve() for path in submissions]
    beside = {name for folder in {path.parent for path in resolved} for name in _names_in(folder)}
    return frozenset(beside | {name for path in resolved for name in (path.name, path.stem)})


def _names_in(folder: Path) -> set[str]:
    try:
        return {name for path in folder.iterdir() for name in (path.name, path.stem)}
    except OSError:
        return set()


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def overrides(file: Path) -> None:
    """Print what waits for a person, as a file to enter points in.

    FILE is what `grader run --json FILE` wrote. Save what is printed as overrides.yaml beside the course's
    rubric.yaml, fill it in, and grade again.
    """
    from grader.report.json import ReportError, from_json

    try:
        reports = from_json(file.read_bytes()).reports
    except OSError as error:
        raise click.UsageError(f"{file} cannot be read ({error.strerror})") from None
    except ReportError as error:
        raise click.UsageError(f"{file}: {error}") from None
    lines = list(template(reports))
    if not lines:
        click.echo("Nothing waits for a person.", err=True)
    for line in lines:
        click.echo(line)


def template(reports: "Iterable[GradeReport]") -> Iterator[str]:
    """Yield the lines of a file with an entry for every criterion whose points are pending."""
    by_assignment: dict[str, list[GradeReport]] = {}
    for report in reports:
        if any(result.verdict.is_pending for result in report.results):
            by_assignment.setdefault(report.assignment, []).append(report)
    for assignment, found in by_assignment.items():
        yield f"{assignment}:"
        for report in found:
            yield f"  {_quoted(report.submission.student)}:"
            for result in report.results:
                if result.verdict.is_pending:
                    yield from _entry(result, report.provenance.digests.get("submission", ""))


def _entry(result: "CriterionResult", digest: str) -> Iterator[str]:
    from grader.course.overrides import DIGITS
    from grader.report.view import shown_points
    from grader.text import safe

    yield f"    {result.criterion_id}:  # {safe(result.title)}: {result.verdict}"
    yield f"      points:  # 0 to {shown_points(result.possible)}"
    yield "      by:"
    yield "      on:"
    yield "      note:"
    yield f'      submission: "{digest[:DIGITS]}"'


def _quoted(name: str) -> str:
    """Return a student's name as a key of YAML, whatever is in it."""
    import yaml

    if re.fullmatch(r"\w[\w.-]*", name):
        return name
    # what acts on a terminal is not ASCII or is escaped by itself
    return str(yaml.safe_dump(name, default_style='"', width=10_000)).rstrip()
