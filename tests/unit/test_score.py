from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grader.course.model import Assignment, LatePolicy
from grader.results import CriterionResult, Evidence, Feedback, FeedbackLevel, Verdict, Visibility
from grader.session import score

DUE = datetime(2026, 3, 1, tzinfo=UTC)


def result(verdict, awarded, possible):
    return CriterionResult(
        "p.c", "p", "It is right", verdict, awarded, possible, Evidence.VERIFIED, Feedback("So it is."),
        FeedbackLevel.FACTS, Visibility.VISIBLE, 1, "rubric.yaml:3",
    )  # fmt: skip


def assignment(due=DUE):
    return Assignment("a", "A", Path(), Path(), (), due=due, late=LatePolicy(grace_s=900, per_day=0.1, at_most=0.5))


RESULTS = (result(Verdict.PASS, 6.0, 6.0), result(Verdict.PARTIAL, 1.0, 4.0))


def test_points_add_up():
    found = score(RESULTS, assignment(), None)
    assert (found.awarded, found.possible, found.pending, found.late_penalty) == (7.0, 10.0, 0.0, 0.0)


@pytest.mark.parametrize("verdict", [Verdict.NEEDS_REVIEW, Verdict.GRADER_FAULT])
def test_what_waits_for_a_person_is_neither_awarded_nor_lost(verdict):
    found = score((*RESULTS, result(verdict, 0.0, 5.0)), assignment(), None)
    assert (found.awarded, found.possible, found.pending) == (7.0, 15.0, 5.0)


def test_late_work_loses_a_share_of_the_possible_points():
    assert score(RESULTS, assignment(), DUE + timedelta(minutes=10)).late_penalty == 0.0
    assert score(RESULTS, assignment(), DUE + timedelta(hours=1)).late_penalty == pytest.approx(1.0)
    assert score(RESULTS, assignment(), DUE + timedelta(days=30)).late_penalty == pytest.approx(5.0)


def test_without_a_due_date_nothing_is_late():
    assert score(RESULTS, assignment(due=None), DUE + timedelta(days=30)).late_penalty == 0.0
