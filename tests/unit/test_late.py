"""What late work costs."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from grader.course.late import late_penalty
from grader.course.model import LatePolicy

DUE = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)
POLICY = LatePolicy(grace_s=900, per_day=0.1, at_most=0.25)


@pytest.mark.parametrize(
    ("late", "lost"),
    [
        (timedelta(days=-3), 0.0),
        (timedelta(0), 0.0),
        (timedelta(minutes=15), 0.0),
        (timedelta(minutes=15, microseconds=1), 2.0),
        (timedelta(days=1, minutes=15), 2.0),
        (timedelta(days=1, minutes=16), 4.0),
        (timedelta(days=2, minutes=16), 5.0),
        (timedelta(days=900), 5.0),
    ],
)
def test_points_lost(late, lost):
    assert late_penalty(POLICY, 20.0, DUE, DUE + late) == pytest.approx(lost)


def test_no_policy_costs_nothing():
    assert late_penalty(LatePolicy(), 20.0, DUE, DUE + timedelta(days=10)) == 0.0


def test_a_change_to_winter_time_is_an_hour():
    berlin = ZoneInfo("Europe/Berlin")
    due = datetime(2026, 10, 24, 12, 0, tzinfo=berlin)
    same_clock_next_day = datetime(2026, 10, 25, 12, 0, tzinfo=berlin)  # 25 hours later
    assert late_penalty(LatePolicy(per_day=0.1), 10.0, due, same_clock_next_day) == pytest.approx(2.0)


@pytest.mark.parametrize(("due", "submitted_at"), [(DUE.replace(tzinfo=None), DUE), (DUE, DUE.replace(tzinfo=None))])
def test_dates_need_a_time_zone(due, submitted_at):
    with pytest.raises(ValueError, match="time zone"):
        late_penalty(POLICY, 10.0, due, submitted_at)
