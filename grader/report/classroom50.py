"""Classroom 50's ``result.json`` (schema ``classroom50/result/v1``), and the one-line summary of a release."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from grader.report import view
from grader.report.plain import feedback_text, machine_points
from grader.results import CriterionResult, GradeReport, Verdict
from grader.text import safe

SCALE = 100
"""Points of the platform for one of ours. It takes whole numbers only; the factor is the same for everybody."""

_VARIABLES = ("CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL")


class Classroom50Error(ValueError):
    """This is not a Classroom 50 run. The message says what is missing."""


class Hand(msgspec.Struct, frozen=True):
    """Which submission of which classroom a result is for, as the runner says. ``handed_in_at`` has a time zone."""

    classroom: str
    assignment: str
    tag: str
    commit_url: str
    release_url: str
    review_url: str
    handed_in_at: datetime


def hand_from(environment: Mapping[str, str], handed_in_at: datetime | None) -> Hand:
    """Return what the runner's environment says about this submission. ``handed_in_at`` is the committer date.

    Raises:
        Classroom50Error: a variable is not set, or the time is not known.
    """
    missing = [f"${name}" for name in _VARIABLES if not environment.get(name)]
    if missing:
        raise Classroom50Error(
            f"the format classroom50 needs {', '.join(missing)}, which its runner sets; choose another format elsewhere"
        )
    if handed_in_at is None:
        raise Classroom50Error("the format classroom50 needs --submitted-at, the committer date of the submission")
    classroom, assignment, tag, commit, release = (environment[name] for name in _VARIABLES)
    review = environment.get("REVIEW_URL") or commit
    return Hand(classroom, assignment, tag, commit, release, review, handed_in_at)


def to_classroom50(report: GradeReport, hand: Hand) -> str:
    """Return ``report`` as the content of ``result.json``, indented, with a trailing newline.

    Scores are hundredths of our points, rounded, and their sums. A late penalty is a test of its own with a negative
    score. Each test also has ``criterion``, ``verdict``, ``evidence``, ``points`` and ``output``, which are ours.

    Raises:
        ValueError: ``hand.handed_in_at`` has no time zone.
    """
    if hand.handed_in_at.utcoffset() is None:
        raise ValueError(f"handed_in_at must carry a time zone, got {hand.handed_in_at.isoformat()}")
    tests = [_test(result) for result in report.results]
    late = round(report.score.total * SCALE) - round(report.score.awarded * SCALE)
    if late:
        tests.append({"test-name": "Handed in late", "passed": False, "score": late, "max-score": 0})
    return _written(tests, report.provenance.started_at, hand)


def no_result(why: str, hand: Hand) -> str:
    """Return ``result.json`` for work that could not be read: one test without points that says ``why``."""
    test = {"test-name": "The submission can be graded", "passed": False, "score": 0, "max-score": 0, "output": why}
    return _written([test], None, hand)


def _written(tests: list[dict[str, Any]], graded_at: str | None, hand: Hand) -> str:
    content: dict[str, Any] = {
        "schema": "classroom50/result/v1",
        "classroom": hand.classroom,
        "assignment": hand.assignment,
        "submission": hand.tag,
        "commit": hand.commit_url,
        "release": hand.release_url,
        "review": hand.review_url,
        "datetime": hand.handed_in_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        **({"graded_at": graded_at} if graded_at else {}),
        "score": sum(test["score"] for test in tests),
        "max-score": sum(test["max-score"] for test in tests),
        "tests": tests,
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n"


def _test(result: CriterionResult) -> dict[str, Any]:
    return {
        "test-name": safe(result.title, limit=200),
        "passed": result.verdict is Verdict.PASS,
        "score": 0 if result.verdict.is_pending else round(result.awarded * SCALE),
        "max-score": round(result.possible * SCALE),
        "criterion": result.criterion_id,
        "verdict": str(result.verdict),
        "evidence": str(result.evidence),
        "points": machine_points(result.awarded),
        "output": feedback_text(result),
    }


def summary(report: GradeReport) -> str:
    """Return the line that a release shows: ``9.75 of 20 points, 1 pending``."""
    score = report.score
    pending = f", {view.shown_points(score.pending)} pending" if score.pending else ""
    return f"{view.shown_points(score.total)} of {view.counted_points(score.possible)}{pending}"
