"""What ``run_autograder`` of a Gradescope bundle runs: ``python -m grader.export.run_gradescope ROOT ASSIGNMENT``.

Exits with 0 and writes ``results/results.json`` when a mark was made. With another exit code there is no such file: the
platform then says that the autograder failed, and nobody loses a point for it.
"""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from grader.course.errors import RubricErrors
from grader.execute import run_job
from grader.report.gradescope import to_gradescope
from grader.report.plain import unreadable_text
from grader.report.staged import for_platform
from grader.results import Unreadable
from grader.sandbox.levels import IsolationRefused
from grader.session import Job


def main(root: Path, assignment: str) -> int:
    """Grade the submission below ``root``, the folder that Gradescope calls ``/autograder``; return the exit code."""
    metadata = read_metadata(root / "submission_metadata.json")
    job = Job(
        root / "submission",
        assignment,
        submitted_at=moment(metadata.get("created_at")),
        due=due_date(metadata),
    )
    try:
        outcome = run_job(root / "source" / "course", job)
    except (RubricErrors, IsolationRefused) as error:
        print(error)
        return 1
    if isinstance(outcome, Unreadable):
        if outcome.is_fault:
            print(unreadable_text(outcome))
            return 1
        text = json.dumps({"score": 0, "output": unreadable_text(outcome), "output_format": "text", "tests": []})
    else:
        named = replace(outcome.submission, student=student_name(metadata) or outcome.submission.student)
        text = to_gradescope(for_platform(replace(outcome, submission=named)))
    results = root / "results"
    results.mkdir(exist_ok=True)
    (results / "results.json").write_text(text, encoding="utf-8")
    return 0


def read_metadata(path: Path) -> dict[str, Any]:
    """Return the platform's words about a submission; nothing where it said none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def moment(text: object) -> datetime | None:
    """Return a time as the platform writes it, ``None`` where it did not or left out the time zone."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def due_date(metadata: dict[str, Any]) -> datetime | None:
    """Return the due date that holds for this submission: the latest of its users', extensions included."""
    dates = [moment(_below(user, "assignment", "due_date")) for user in _users(metadata)]
    own = [date for date in dates if date is not None]
    return max(own) if own else moment(_below(metadata, "assignment", "due_date"))


def student_name(metadata: dict[str, Any]) -> str:
    """Return the names of those who handed in together, empty where the platform gave none."""
    return ", ".join(str(user["name"]) for user in _users(metadata) if user.get("name"))


def _users(metadata: dict[str, Any]) -> list[dict[str, Any]]:
    users = metadata.get("users")
    return [user for user in users if isinstance(user, dict)] if isinstance(users, list) else []


def _below(tree: object, *keys: str) -> object:
    for key in keys:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
