"""PURE: how far a share that was counted on a sample may be from the true one."""

import math
from statistics import NormalDist

import msgspec


class Interval(msgspec.Struct, frozen=True):
    """From ``lower`` to ``upper``, both included."""

    lower: float
    upper: float

    def widened(self, by: float) -> "Interval":
        """Return the interval with ``by`` more on each side."""
        return Interval(self.lower - by, self.upper + by)

    def __contains__(self, value: float) -> bool:
        return self.lower <= value <= self.upper


def wilson(share: float, count: float, level: float) -> Interval:
    """Return Wilson's score interval for the share of a population, of which a sample is known.

    Unlike the textbook's share ± z·s, it keeps its level for shares near 0 and 1, and never leaves 0..1.

    Args:
        share: in the sample, 0 to 1.
        count: the size of the sample.
        level: how often the interval holds the true share, 0 to 1, such as 0.95.

    Raises:
        ValueError: an argument is out of range.
    """
    if not (0 <= share <= 1 and count > 0 and 0 < level < 1):
        raise ValueError(f"no interval for a share of {share} of {count} at level {level}")
    z = deviations_at(level)
    shrink = 1 + z * z / count
    middle = (share + z * z / (2 * count)) / shrink
    half = z / shrink * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    # rounding must not leave a share of exactly 0 or 1 outside
    return Interval(min(max(middle - half, 0.0), share), max(min(middle + half, 1.0), share))


def deviations_at(level: float) -> float:
    """Return how many standard deviations on each side of the mean hold the share ``level`` of a normal variable."""
    return NormalDist().inv_cdf((1 + level) / 2)
