"""What ``grader run`` shows on standard output and which files it writes."""

import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec
from rich.console import Console

from grader.checks.words import count_of
from grader.course.model import Course
from grader.execute import Outcome
from grader.report import terminal
from grader.report.annotations import to_annotations
from grader.report.classroom50 import Hand, hand_from
from grader.report.code_quality import to_code_quality
from grader.report.files import Folder, Format, OutputError, folder_names, formats_for
from grader.report.json import to_json
from grader.report.view import for_student, without_pixels
from grader.results import SCHEMA_VERSION, GradeReport, ReportFile, Unreadable
from grader.session import Job
from grader.text import safe


class Wanted(msgspec.Struct, frozen=True):
    """What was asked for. ``form``: what goes to standard output, ``text`` for the report on a terminal. ``details``:
    whole reports, not only the table of several submissions. ``submitted_at`` and ``due`` have time zones."""

    form: str = "text"
    json_file: Path | None = None
    out: Path | None = None
    for_student: bool = False
    details: bool = False
    submitted_at: datetime | None = None
    due: datetime | None = None


class Output:
    """Takes outcomes as they come, writes each one's files at once, and shows everything at the end."""

    def __init__(self, wanted: Wanted, course: Course, jobs: Sequence[Job]) -> None:
        """Get ready; whatever cannot be written is found out before anything is graded.

        Raises:
            UsageError: a format does not fit.
            Classroom50Error: its format is wanted, and this is not a run of its runner.
            OutputError: the folder cannot be made.
        """
        self._wanted = wanted
        self._dues = {assignment.id: assignment.due for assignment in course.assignments}
        self._jobs = jobs
        self._outcomes: dict[Path, Outcome] = {}
        formats = formats_for(_hand(wanted))
        self._form = _form(wanted, formats, len(jobs))
        self._folder = Folder(wanted.out, formats) if wanted.out is not None else None
        self._names = folder_names(job.submission for job in jobs)

    def add(self, job: Job, outcome: Outcome) -> None:
        """Keep an outcome; write its files.

        Raises:
            OutputError: a file cannot be written.
        """
        if self._folder is not None and isinstance(outcome, GradeReport):
            name = self._names[job.submission]
            self._folder.add_student(name, self._student_view(outcome))
            if not self._wanted.for_student:
                self._folder.add_grader(name, outcome)
        if len(self._jobs) > 1 and isinstance(outcome, GradeReport):
            # what is written about all of them shows no pictures, and those of a class fill the memory
            outcome = without_pixels(outcome)
        self._outcomes[job.submission] = outcome

    def finish(self) -> tuple[tuple[GradeReport, ...], tuple[Unreadable, ...]]:
        """Write the files about all submissions, show what was asked for, and return all there is, in the jobs' order.

        Raises:
            OutputError: a file cannot be written.
        """
        ordered = [self._outcomes[job.submission] for job in self._jobs if job.submission in self._outcomes]
        whole = tuple(item for item in ordered if isinstance(item, GradeReport))
        unreadable = tuple(item for item in ordered if isinstance(item, Unreadable))
        shown = tuple(map(self._student_view, whole)) if self._wanted.for_student else whole
        file = ReportFile(SCHEMA_VERSION, shown, unreadable)
        if self._folder is not None:
            audience = "students" if self._wanted.for_student else "graders"
            graded = [job for job in self._jobs if isinstance(self._outcomes.get(job.submission), GradeReport)]
            places = {number: f"{audience}/{self._names[job.submission]}" for number, job in enumerate(graded)}
            self._folder.add_all(file, places)
            self._folder.add_annotations(to_annotations(file, Path.cwd()))
            self._folder.add_code_quality(to_code_quality(file, Path.cwd()))
            _say_what_was_left(self._folder, [self._names[job.submission] for job in graded])
        self._show(file)
        if self._wanted.json_file is not None:
            _write_json(self._wanted.json_file, file)
        return whole, unreadable

    def _student_view(self, report: GradeReport) -> GradeReport:
        return for_student(report, datetime.now(UTC), self._wanted.due or self._dues.get(report.assignment))

    def _show(self, file: ReportFile) -> None:
        if self._form is None:
            _print(Console(), file, details=self._wanted.details)
            return
        if self._form.of_all is not None and (len(self._jobs) != 1 or not file.reports):
            text = self._form.of_all(file, {})
        elif file.reports:
            text = self._form.of_one(file.reports[0])
        else:
            for entry in file.unreadable:
                click.echo(entry.message, err=True)
            return
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))


def _say_what_was_left(folder: Folder, written: Sequence[str]) -> None:
    """Name the folders of students that this run has not written: what is in them may be out of date."""
    left = sorted({Path(place).name for place in folder.strangers(written)})
    if left:
        named = ", ".join(left[:_MOST_NAMED]) + (", …" if len(left) > _MOST_NAMED else "")
        what = f"{count_of(len(left), 'student')} not graded in this run: {safe(named)}"
        click.echo(f"{folder.root} still holds files of {what}.", err=True)


_MOST_NAMED = 5


def _hand(wanted: Wanted) -> Hand | None:
    """Return what Classroom 50's runner says about the submission, if this is one of its runs or is to be like one."""
    if wanted.form == "classroom50" or (wanted.out is not None and os.environ.get("CLASSROOM")):
        return hand_from(os.environ, wanted.submitted_at)
    return None


def _form(wanted: Wanted, formats: Mapping[str, Format], submissions: int) -> Format | None:
    """Return the format of standard output; ``None`` for the report on a terminal."""
    if wanted.form == "text":
        return None
    form = formats[wanted.form]
    if form.of_all is None and submissions != 1:
        raise click.UsageError(
            f"--format {wanted.form} is about one submission, and {submissions} are to be graded; "
            "give one of them, or --out DIR."
        )
    return form


def _print(console: Console, file: ReportFile, *, details: bool) -> None:
    if details:
        for report in file.reports:
            terminal.render(report, console)
            if len(file.reports) > 1:
                console.print()
    if not details or file.unreadable or len(file.reports) != 1:
        terminal.render_summary(file.reports, file.unreadable, console)
    if not details:
        console.print("A whole report: give one submission, or --details.", style="dim")


def _write_json(path: Path, file: ReportFile) -> None:
    try:
        path.write_bytes(to_json(file))
    except OSError as error:
        raise OutputError(f"the reports could not be written to {path}: {error.strerror}") from None
