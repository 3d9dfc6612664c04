"""What ``autograder.py`` of a Classroom 50 bundle runs, with the student's checkout, the course and the assignment.

Writes ``result.json`` and ``release-body.md`` into the checkout and one line about them to ``$GITHUB_OUTPUT``, all
of it from what the student may see. Exits with 0 when a mark was made, with another code when the grading failed.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from grader.course.errors import RubricErrors
from grader.execute import course_at, run_job
from grader.report import view
from grader.report.classroom50 import Classroom50Error, hand_from, no_result, summary, to_classroom50
from grader.report.markdown import class_markdown, to_markdown
from grader.report.plain import unreadable_text
from grader.results import SCHEMA_VERSION, ReportFile, Unreadable
from grader.sandbox.levels import IsolationRefused
from grader.session import Job


def main(checkout: Path, course: Path, assignment: str, environment: Mapping[str, str]) -> int:
    """Grade ``checkout`` and write the results into it; return the exit code."""
    try:
        hand = hand_from(environment, committed_at(checkout))
        outcome = run_job(course, Job(checkout, assignment, submitted_at=hand.handed_in_at))
        due = next(item.due for item in course_at(course).assignments if item.id == assignment)
    except (RubricErrors, IsolationRefused, Classroom50Error) as error:
        return _failed(str(error), environment)
    if isinstance(outcome, Unreadable):
        if outcome.is_fault:
            return _failed(unreadable_text(outcome), environment)
        _write(checkout, "result.json", no_result(unreadable_text(outcome), hand))
        _write(checkout, "release-body.md", class_markdown(ReportFile(SCHEMA_VERSION, (), (outcome,))))
        _tell(environment, "failure", "the submission could not be read")
        return 0
    named = replace(outcome.submission, student=environment.get("USERNAME") or outcome.submission.student)
    report = view.for_student(replace(outcome, submission=named), datetime.now(UTC), due)
    _write(checkout, "result.json", to_classroom50(report, hand))
    _write(checkout, "release-body.md", to_markdown(report))
    _tell(environment, "success" if all(map(view.is_full_marks, report.results)) else "failure", summary(report))
    return 0


def committed_at(checkout: Path) -> datetime | None:
    """Return the committer date of the checkout's commit, the same at every regrade; ``None`` if git does not say."""
    command = [
        "git",
        "-c",
        "core.fsmonitor=false",
        "-C",
        str(checkout),
        "log",
        "-1",
        "--no-show-signature",
        "--format=%cI",
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return datetime.fromisoformat(done.stdout.strip())
    except (OSError, ValueError):
        return None


def _failed(why: str, environment: Mapping[str, str]) -> int:
    print(why, file=sys.stderr)
    _tell(environment, "error", "the grading failed; no point is lost")
    return 1


def _write(checkout: Path, name: str, text: str) -> None:
    """Write a file into the checkout, in place of whatever the student has committed under its name."""
    path = checkout / name
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    beside = checkout / f".{name}.new"
    beside.unlink(missing_ok=True)
    with beside.open("x", encoding="utf-8") as file:
        file.write(text)
    beside.replace(path)


def _tell(environment: Mapping[str, str], status: str, line: str) -> None:
    if output := environment.get("GITHUB_OUTPUT"):
        with Path(output).open("a", encoding="utf-8") as file:
            file.write(f"status={status}\nsummary={line}\n")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], os.environ))
