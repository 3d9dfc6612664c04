"""Quantities as rubrics write them."""

from datetime import UTC, datetime

import pytest

from grader.course.model import CasePlan
from grader.course.units import Bound, Duration, Percentage, Size, TimeLimit, UnitError, case_plan, moment


@pytest.mark.parametrize(
    ("reader", "written", "expected"),
    [
        (Duration.read, "500 ms", 0.5),
        (Duration.read, "10 s", 10),
        (Duration.read, "10s", 10),
        (Duration.read, "1.5 min", 90),
        (Duration.read, "2 h", 7200),
        (Duration.read, "1 day", 86400),
        (Duration.read, "2 days", 172800),
        (Size.read, "1 B", 1),
        (Size.read, "64 KiB", 65536),
        (Size.read, "1.5 MiB", 1572864),
        (Size.read, "2 GiB", 2147483648),
        (Percentage.read, "98%", 0.98),
        (Percentage.read, "0.3 %", 0.003),
        (Percentage.read, "100%", 1.0),
        (TimeLimit.read, "10 s", TimeLimit(wall_s=10.0)),
        (TimeLimit.read, "3 x reference", TimeLimit(times_reference=3.0)),
        (TimeLimit.read, "1.5 × reference", TimeLimit(times_reference=1.5)),
        (Bound.read, "98%", Bound(share=0.98)),
        (Bound.read, "reference", Bound()),
        (Bound.read, "reference - 2 deviations", Bound(deviations=-2.0)),
        (Bound.read, "reference − 1 deviation", Bound(deviations=-1.0)),
        (Bound.read, "reference + 0.5%", Bound(step=0.005)),
        (case_plan, "handout", CasePlan("handout")),
        (case_plan, "20 x random_draws", CasePlan("random_draws", 20)),
        (case_plan, "x", CasePlan("x")),
        (moment, "2026-11-20T23:59:00+01:00", datetime(2026, 11, 20, 22, 59, tzinfo=UTC)),
        (moment, "2026-11-20 23:59+01:00", datetime(2026, 11, 20, 22, 59, tzinfo=UTC)),
        (moment, "2026-11-20T23:59Z", datetime(2026, 11, 20, 23, 59, tzinfo=UTC)),
    ],
)
def test_reads(reader, written, expected):
    assert reader(written) == expected


@pytest.mark.parametrize(
    ("reader", "written", "message"),
    [
        (Duration.read, 10, "must be a time with its unit, as in '10 s', not the bare number 10"),
        (Duration.read, "10", "must be a time with its unit (ms, s, min, h, day, days), as in '10 s', not '10'"),
        (Duration.read, "10 sec", "has the unit 'sec', which is not one of ms, s, min, h, day, days; write it like"),
        (Duration.read, "0 s", "must be a time of more than 0 s and at most 366 days, not 0 s"),
        (Duration.read, "9999999999 days", "at most 366 days"),
        (Duration.read, "-1 s", "must be a time, as in '10 s', not '-1 s'"),
        (Duration.read, "soon", "must be a time, as in '10 s', not 'soon'"),
        (Duration.read, "1" * 400 + " s", "must start with a number"),
        (Size.read, 2, "must be a size with its unit, as in '2 GiB', not the bare number 2"),
        (Size.read, "2 GB", "has the unit 'GB', which is not one of B, KiB, MiB, GiB; write it like '2 GiB'"),
        (Size.read, "0 B", "must be a size of at least 1 B"),
        (Size.read, "99999999 GiB", "at most 1048576 GiB"),
        (Percentage.read, 0.98, "must be a percentage with its unit, as in '98%', not the bare number 0.98"),
        (Percentage.read, "101%", "must be between 0% and 100%, not 101%"),
        (
            Bound.read,
            0.98,
            "not the bare number 0.98 (or, relative to what the references reach: reference - 2 deviations)",
        ),
        (Bound.read, "better", "must be a percentage, as in '98%', not 'better' (or, relative to"),
        (Bound.read, "reference - 2", "must go on with a number of deviations or a percentage, as in"),
        (TimeLimit.read, 3, "must be a time with its unit, as in '3 s', not the bare number 3 (or, relative to"),
        (TimeLimit.read, "3 x oracle", "is relative to the reference, as in '3 x reference', not to 'oracle'"),
        (TimeLimit.read, "0 x reference", "must be more than 0"),
        (TimeLimit.read, "inf x reference", "must start with a number"),
        (TimeLimit.read, "1e9 x reference", "at most 10000 x reference"),
        (case_plan, 20, "must be the name of a case or '20 x random_draws', not 20"),
        (case_plan, "20 random_draws", "must be the name of a case or '20 x random_draws', not '20 random_draws'"),
        (case_plan, "0 x random_draws", "must draw a whole number of times from 1 to 10000, as in '20 x random_draws'"),
        (case_plan, "2.5 x random_draws", "must draw a whole number of times"),
        (case_plan, "²0 x random_draws", "must draw a whole number of times"),
        (case_plan, "99999999999 x random_draws", "must draw a whole number of times"),
        (moment, "2026-11-20", "has no time of day; write it like 2026-11-20T23:59+01:00"),
        (moment, "2026-11-20T23:59", "has no offset from UTC; write it like 2026-11-20T23:59+01:00"),
        (moment, "tomorrow", "must be a date, a time and an offset from UTC, as in 2026-11-20T23:59+01:00"),
        (moment, "0001-01-01T00:00+14:00", "must be a date of this course"),
        (moment, 2026, "must be a date, a time and an offset from UTC"),
    ],
)
def test_refuses_and_says_how_to_write_it(reader, written, message):
    with pytest.raises(UnitError) as refused:
        reader(written)
    assert message in str(refused.value)


def test_a_bound_is_resolved_by_what_the_references_reach():
    assert Bound(share=0.98).resolve(0.5, 0.1) == 0.98
    assert Bound(deviations=-2.0).resolve(0.9, 0.01) == pytest.approx(0.88)
    assert Bound(step=-0.03).resolve(0.9, 0.01) == pytest.approx(0.87)
