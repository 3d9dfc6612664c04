"""``grader run``: grade submissions and print a rubric report."""

import enum
import gc
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from grader.cli.output import Output
    from grader.course.overrides import Entered
    from grader.recording.events import ReplayMode
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


FORMATS = ("text", "json", "markdown", "html", "csv", "junit", "gradescope", "classroom50")
"""What ``--format`` takes: the report on a terminal, and those of :mod:`grader.report.files`."""


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--only", multiple=True, metavar="ID", help="Grade only this criterion (part.criterion) or part.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), metavar="N", help="Draw every criterion's cases from N.")
@click.option("--assignment", metavar="NAME", help="Which assignment this is, where the files do not tell.")
@click.option("--json", "json_file", metavar="FILE", help="Write the reports as JSON to FILE (- for standard output).")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Write a set of files per student to DIR.")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="text", show_default=True,
    help="What to write to standard output.",
)  # fmt: skip
@click.option(
    "--for", "audience", type=click.Choice(["grader", "student"]), default="grader", show_default=True,
    help="Show everything, or only what a student may see.",
)  # fmt: skip
@click.option("--details", is_flag=True, help="Print the whole report of each of several submissions.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Submissions graded at once.  [default: cores]")
@click.option(
    "--isolation",
    type=click.Choice(["gvisor", "full", "strong", "reduced"]),
    help="Run at this level; refused where this machine offers less.",
)
@click.option("--trust-code", is_flag=True, help="Run student code even where this machine cannot isolate it.")
@click.option(
    "--replay", type=click.Choice(["none", "definitions", "quick", "full"]),
    help="Run notebooks from top to bottom, within a budget, instead of what the rubric says.",
)  # fmt: skip
@click.option("--submitted-at", metavar="TIME", help="When it was handed in (ISO 8601), for the late policy.")
@click.option("--due", metavar="TIME", help="This student's due date, extensions included, instead of the rubric's.")
@click.option(
    "--overrides", metavar="FILE", help="Points entered by hand, or 'none'.  [default: the course's overrides.yaml]"
)
@click.option("--changed-since", metavar="COMMIT", help="Grade only submissions that differ from this git commit.")
@click.option(
    "--course", "course_root", type=click.Path(path_type=Path), help="The folder with the course's rubric.yaml."
)
def run(
    paths: tuple[Path, ...],
    only: tuple[str, ...],
    seed: int | None,
    assignment: str | None,
    json_file: str | None,
    out: Path | None,
    form: str,
    audience: str,
    details: bool,
    jobs: int | None,
    isolation: str | None,
    trust_code: bool,
    replay: "ReplayMode | None",
    submitted_at: str | None,
    due: str | None,
    overrides: str | None,
    changed_since: str | None,
    course_root: Path | None,
) -> None:
    """Grade submissions and print a rubric report.

    PATHS are submissions (a folder, or a single .py or .ipynb file) or folders of submissions.

    Exit code: 0 full marks, 1 something not met, 2 bad rubric or usage, 3 grader fault, 4 a submission
    could not be read, 130 interrupted.
    """
    from concurrent.futures import ThreadPoolExecutor

    from grader.sandbox.levels import IsolationRefused, Level, this_machine

    # nothing of what is imported is garbage, now or in the copies of this process
    gc.disable()
    with ThreadPoolExecutor(1) as meanwhile:
        # trying the walls is waiting for the most part
        meanwhile.submit(this_machine)
        from grader.sandbox.launch import warm_up
    if isolation in (None, Level.FULL, Level.STRONG):
        # it starts while this process goes on to import the rest
        warm_up(this_machine())
    from grader.cli.output import Output, Wanted
    from grader.cli.overrides import entered_for
    from grader.course.errors import RubricErrors
    from grader.course.load import find_root
    from grader.execute import course_at
    from grader.grading.prepare import isolation as choose_isolation
    from grader.oracle.schedule import available_cores
    from grader.report.classroom50 import Classroom50Error
    from grader.report.files import OutputError
    from grader.session import Job, UnknownCriterion
    from grader.submission.discover import SubmissionError, discover_all

    gc.freeze()
    gc.enable()

    if json_file == "-":
        json_file, form = None, "json"
    try:
        root = course_root or find_root(Path.cwd())
        course = course_at(root)
        demanded = Level(isolation) if isolation else None
        choose_isolation(demanded, trust_code)
        known = tuple(item.id for item in course.assignments)
        if assignment is not None and assignment not in known:
            raise click.UsageError(f"There is no assignment '{assignment}' here; there are: {', '.join(known)}.")
        entered = entered_for(course, overrides)
        handed_in, due_at = _time("--submitted-at", submitted_at), _time("--due", due)
        found = discover_all(paths, known)
        if changed_since is not None:
            from grader.cli.changed import changed_since as only_changed

            found = only_changed(changed_since, found, root)
        if course_root is None:
            _refuse_a_course_that_was_handed_in(root, found)
        chosen = [Job(path, assignment, only, seed, demanded, trust_code, handed_in, due_at, replay) for path in found]
        wanted = Wanted(
            form=form,
            json_file=Path(json_file) if json_file else None,
            out=out,
            for_student=audience == "student",
            details=details or len(chosen) == 1,
            submitted_at=handed_in,
            due=due_at,
        )
        _grade(root, chosen, jobs or available_cores(), Output(wanted, course, chosen), entered)
    except (RubricErrors, IsolationRefused, UnknownCriterion) as error:
        click.echo(str(error), err=True)
        sys.exit(ExitCode.USAGE)
    except (Classroom50Error, OutputError) as error:
        click.echo(f"{error}.", err=True)
        sys.exit(ExitCode.USAGE)
    except SubmissionError as error:
        click.echo(str(error), err=True)
        sys.exit(ExitCode.UNREADABLE)


def _refuse_a_course_that_was_handed_in(root: Path, submissions: list[Path]) -> None:
    """A course brings its own code, which is trusted: whoever stands in a submission must not take it from there."""
    within = next((path for path in submissions if root.resolve().is_relative_to(path.resolve())), None)
    if within is not None:
        raise click.UsageError(
            f"The course's rubric.yaml was looked for from here upwards, and found in {root}, which is part of what is "
            f"to be graded ({within}). Go to the course's folder, or name it with --course."
        )


def _grade(root: Path, chosen: "list[Job]", workers: int, output: "Output", entered: "tuple[Entered, ...]") -> None:
    from rich.console import Console

    from grader.cli.overrides import neighbours
    from grader.cli.progress import choose_progress
    from grader.execute import run_all
    from grader.report.overridden import overridden, stale, unknown_students
    from grader.results import GradeReport

    graded = 0
    interrupted = False
    try:
        with (
            choose_progress(Console(stderr=True), len(chosen)) as progress,
            closing(run_all(root, chosen, workers, progress.heard)) as outcomes,
        ):
            for job, found in outcomes:
                outcome = overridden(found, entered) if isinstance(found, GradeReport) else found
                output.add(job, outcome)
                graded += 1
                progress.done(job, outcome)
    except KeyboardInterrupt:
        interrupted = True
    reports, unreadable = output.finish()
    code = exit_code(reports, unreadable)
    for line in stale(reports):
        click.echo(line, err=True)
    for error in unknown_students(entered, reports, neighbours(job.submission for job in chosen)):
        click.echo(str(error), err=True)
        code = ExitCode.USAGE
    if interrupted:
        click.echo(f"Interrupted: {graded} of {len(chosen)} submissions were graded.", err=True)
        code = ExitCode.INTERRUPTED
    sys.exit(code)


def exit_code(reports: "tuple[GradeReport, ...]", unreadable: "tuple[Unreadable, ...]") -> ExitCode:
    """The exit code for these outcomes: the most serious one wins."""
    from grader.results import Verdict

    verdicts = {result.verdict for report in reports for result in report.results}
    if Verdict.GRADER_FAULT in verdicts or any(entry.is_fault for entry in unreadable):
        return ExitCode.GRADER_FAULT
    if unreadable:
        return ExitCode.UNREADABLE
    return ExitCode.FULL_MARKS if verdicts <= {Verdict.PASS} else ExitCode.NOT_MET


def _time(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"{option}: '{text}' is not a time such as 2026-10-01T23:59+02:00.") from None
    return when if when.tzinfo else when.astimezone()
