"""``grader run``: grade submissions and print a rubric report."""

import enum
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from rich.console import Console

    from grader.course.model import Course
    from grader.results import GradeReport, Unreadable
    from grader.session import Job


class ExitCode(enum.IntEnum):
    """What the exit code of ``grader run`` means."""

    FULL_MARKS = 0
    NOT_MET = 1
    USAGE = 2
    GRADER_FAULT = 3
    UNREADABLE = 4
    INTERRUPTED = 130


class Output(NamedTuple):
    """What to show and where. ``details``: whole reports, not only the table of several submissions."""

    json_file: str | None
    for_student: bool
    details: bool


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--only", multiple=True, metavar="ID", help="Grade only this criterion (part.criterion) or part.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), metavar="N", help="Draw every criterion's cases from N.")
@click.option("--assignment", metavar="NAME", help="Which assignment this is, where the files do not tell.")
@click.option("--json", "json_file", metavar="FILE", help="Write the reports as JSON to FILE (- for standard output).")
@click.option(
    "--for", "audience", type=click.Choice(["grader", "student"]), default="grader", show_default=True,
    help="Show everything, or only what a student may see.",
)  # fmt: skip
@click.option("--details", is_flag=True, help="Print the whole report of each of several submissions.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Submissions graded at once.  [default: cores]")
@click.option(
    "--isolation",
    type=click.Choice(["full", "strong", "reduced"]),
    help="Run at this level; refused where this machine offers less.",
)
@click.option("--trust-code", is_flag=True, help="Run student code even where this machine cannot isolate it.")
@click.option("--submitted-at", metavar="TIME", help="When it was handed in (ISO 8601), for the late policy.")
@click.option(
    "--course", "course_root", type=click.Path(path_type=Path), help="The folder with the course's rubric.yaml."
)
def run(
    paths: tuple[Path, ...],
    only: tuple[str, ...],
    seed: int | None,
    assignment: str | None,
    json_file: str | None,
    audience: str,
    details: bool,
    jobs: int | None,
    isolation: str | None,
    trust_code: bool,
    submitted_at: str | None,
    course_root: Path | None,
) -> None:
    """Grade submissions and print a rubric report.

    PATHS are submissions (a folder, or a single .py or .ipynb file) or folders of submissions.

    Exit code: 0 full marks, 1 something not met, 2 bad rubric or usage, 3 grader fault, 4 a submission
    could not be read, 130 interrupted.
    """
    from grader.course.errors import RubricErrors
    from grader.course.load import find_root
    from grader.execute import course_at
    from grader.grading.prepare import isolation as choose_isolation
    from grader.sandbox.levels import IsolationRefused, Level
    from grader.session import Job, UnknownCriterion
    from grader.submission.discover import SubmissionError, discover_all

    try:
        root = course_root or find_root(Path.cwd())
        course = course_at(root)
        demanded = Level(isolation) if isolation else None
        choose_isolation(demanded, trust_code)
        known = tuple(item.id for item in course.assignments)
        if assignment is not None and assignment not in known:
            raise click.UsageError(f"There is no assignment '{assignment}' here; there are: {', '.join(known)}.")
        when = _time(submitted_at)
        chosen = [Job(path, assignment, only, seed, demanded, trust_code, when) for path in discover_all(paths, known)]
        output = Output(json_file, audience == "student", details or len(chosen) == 1)
        _grade(root, course, chosen, jobs or os.cpu_count() or 1, output)
    except (RubricErrors, IsolationRefused, UnknownCriterion) as error:
        click.echo(str(error), err=True)
        sys.exit(ExitCode.USAGE)
    except SubmissionError as error:
        click.echo(str(error), err=True)
        sys.exit(ExitCode.UNREADABLE)


def _grade(root: Path, course: "Course", chosen: "list[Job]", workers: int, output: Output) -> None:
    from rich.console import Console

    from grader.execute import run_all
    from grader.results import GradeReport, Unreadable

    outcomes: dict[Path, GradeReport | Unreadable] = {}
    interrupted = False
    try:
        with Console(stderr=True).status("") as status:
            for job, outcome in run_all(
                root, chosen, workers, lambda r: status.update(f"{r.criterion_id}: {r.verdict.lower()}")
            ):
                outcomes[job.submission] = outcome
                status.update(f"{len(outcomes)} of {len(chosen)} graded")
    except KeyboardInterrupt:
        interrupted = True
    ordered = [outcomes[job.submission] for job in chosen if job.submission in outcomes]
    reports = tuple(item for item in ordered if isinstance(item, GradeReport))
    unreadable = tuple(item for item in ordered if isinstance(item, Unreadable))
    code = exit_code(reports, unreadable)
    if output.for_student:
        reports = tuple(_student_view(course, report) for report in reports)
    if output.json_file != "-":
        _print(Console(), reports, unreadable, details=output.details)
    if output.json_file is not None:
        _write_json(output.json_file, reports, unreadable)
    if interrupted:
        click.echo(f"Interrupted: {len(outcomes)} of {len(chosen)} submissions were graded.", err=True)
        code = ExitCode.INTERRUPTED
    sys.exit(code)


def exit_code(reports: "tuple[GradeReport, ...]", unreadable: "tuple[Unreadable, ...]") -> ExitCode:
    """The exit code for these outcomes: the most serious one wins."""
    from grader.results import Verdict

    verdicts = {result.verdict for report in reports for result in report.results}
    if Verdict.GRADER_FAULT in verdicts:
        return ExitCode.GRADER_FAULT
    if unreadable:
        return ExitCode.UNREADABLE
    return ExitCode.FULL_MARKS if verdicts <= {Verdict.PASS} else ExitCode.NOT_MET


def _print(
    console: "Console", reports: "tuple[GradeReport, ...]", unreadable: "tuple[Unreadable, ...]", *, details: bool
) -> None:
    from grader.report import terminal

    if details:
        for report in reports:
            terminal.render(report, console)
            if len(reports) > 1:
                console.print()
    if not details or unreadable or len(reports) != 1:
        terminal.render_summary(reports, unreadable, console)
    if not details:
        console.print("A whole report: give one submission, or --details.", style="dim")


def _student_view(course: "Course", report: "GradeReport") -> "GradeReport":
    from grader.report.view import for_student

    due = next(item.due for item in course.assignments if item.id == report.assignment)
    return for_student(report, datetime.now(UTC), due)


def _write_json(file: str, reports: "tuple[GradeReport, ...]", unreadable: "tuple[Unreadable, ...]") -> None:
    from grader.report.json import to_json
    from grader.results import SCHEMA_VERSION, ReportFile

    content = to_json(ReportFile(SCHEMA_VERSION, reports, unreadable))
    if file == "-":
        sys.stdout.buffer.write(content)
        return
    try:
        Path(file).write_bytes(content)
    except OSError as error:
        click.echo(f"The reports could not be written to {file}: {error.strerror}.", err=True)
        sys.exit(ExitCode.USAGE)


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"--submitted-at: '{text}' is not a time such as 2026-10-01T23:59+02:00.") from None
    return when if when.tzinfo else when.astimezone()
