"""Properties of quantities and of the late policy, over generated values."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course.late import late_penalty
from grader.course.model import LatePolicy
from grader.course.units import (
    BYTES_PER_UNIT,
    SECONDS_PER_UNIT,
    Duration,
    Percentage,
    Size,
    TimeLimit,
    UnitError,
    case_plan,
    moment,
)

DUE = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)
READERS = [Duration.read, Size.read, Percentage.read, TimeLimit.read, case_plan, moment]

fractions = st.floats(0, 1)
policies = st.builds(LatePolicy, grace_s=st.floats(0, 1e6), per_day=fractions, at_most=fractions)
lateness = st.timedeltas(timedelta(days=-30), timedelta(days=365))
points = st.floats(0, 1000)


@given(st.integers(1, 30), st.sampled_from(sorted(SECONDS_PER_UNIT)), st.sampled_from(["", " ", "  "]))
def test_a_written_duration_reads_as_itself(number, unit, gap):
    assert Duration.read(f"{number}{gap}{unit}") == pytest.approx(number * SECONDS_PER_UNIT[unit])


@given(st.integers(1, 1000), st.sampled_from(sorted(BYTES_PER_UNIT)))
def test_a_written_size_reads_as_itself(number, unit):
    assert Size.read(f"{number} {unit}") == number * BYTES_PER_UNIT[unit]


@given(st.one_of(st.text(), st.integers(), st.floats(), st.from_regex(r"[0-9.x ]+[a-zA-Z% ]*", fullmatch=True)))
def test_anything_else_is_a_unit_error(written):
    for read in READERS:
        with contextlib.suppress(UnitError):
            read(written)


@given(policies, points, lateness, lateness)
def test_later_never_costs_less(policy, possible, first, second):
    early, late = sorted([first, second])
    assert late_penalty(policy, possible, DUE, DUE + early) <= late_penalty(policy, possible, DUE, DUE + late)


@given(policies, points, lateness)
def test_the_penalty_is_capped(policy, possible, late):
    assert 0 <= late_penalty(policy, possible, DUE, DUE + late) <= possible * policy.at_most


@given(policies, points, st.floats(0, 1))
def test_nothing_is_lost_within_the_grace(policy, possible, share):
    submitted_at = DUE + timedelta(seconds=policy.grace_s) * share
    assert late_penalty(policy, possible, DUE, submitted_at) == 0


@given(policies, points)
def test_one_microsecond_after_the_grace_costs_a_day(policy, possible):
    submitted_at = DUE + timedelta(seconds=policy.grace_s) + timedelta(microseconds=1)
    assert late_penalty(policy, possible, DUE, submitted_at) == possible * min(policy.per_day, policy.at_most)
