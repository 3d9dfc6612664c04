"""What late work costs. Pure arithmetic: when a submission counts as handed in is decided elsewhere."""

from datetime import UTC, datetime, timedelta

from grader.course.model import LatePolicy

_DAY = timedelta(days=1)


def late_penalty(policy: LatePolicy, possible: float, due: datetime, submitted_at: datetime) -> float:
    """Return the points lost by handing in at ``submitted_at`` what was due at ``due``.

    Nothing is lost up to and including the end of the grace period. After it, every started day costs
    ``policy.per_day`` of the ``possible`` points, in all at most ``policy.at_most`` of them. Days are 24 hours long,
    whatever the clocks do. The result lies in ``0..possible`` and is not rounded; it does not depend on the points
    awarded, so a caller that wants no negative score bounds the difference itself.

    Raises:
        ValueError: a date has no time zone.
    """
    if due.tzinfo is None or submitted_at.tzinfo is None:
        raise ValueError("late_penalty needs dates with a time zone")
    # two dates in one zone subtract by the wall clock, which is an hour wrong across a change to summer time
    late = submitted_at.astimezone(UTC) - due.astimezone(UTC) - timedelta(seconds=policy.grace_s)
    if late <= timedelta(0):
        return 0.0
    started_days = -(-late // _DAY)
    return possible * min(policy.per_day * started_days, policy.at_most)
