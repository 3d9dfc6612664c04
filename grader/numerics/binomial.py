"""How surprising a count is. Pure.

The bound is Chernoff's: for n independent trials of probability q, the chance that the share of successes is as far
from q as x, on its side, is at most exp(−n · d(x, q)) with d(x, q) = x ln(x/q) + (1 − x) ln((1 − x)/(1 − q)). It
holds for every n and q, without approximation, and needs no tables.
"""

from math import exp, inf, log


def divergence(share: float, probability: float) -> float:
    """Return d(share, probability), at least 0; infinite where the share cannot occur."""

    def term(x: float, q: float) -> float:
        if x == 0:
            return 0.0
        return inf if q <= 0 else x * log(x / q)

    return max(term(share, probability) + term(1 - share, 1 - probability), 0.0)


def surprise(share: float, trials: int, low: float, high: float) -> float:
    """Return an upper bound of the chance of a share as far out as ``share`` in ``trials`` independent trials whose
    probability lies between ``low`` and ``high``; both sides counted, at most 1."""
    if low <= share <= high:
        return 1.0
    return min(1.0, 2 * exp(-trials * divergence(share, low if share < low else high)))


def accepted(trials: int, low: float, high: float, chance: float) -> tuple[float, float]:
    """Return the smallest and the largest share that is no more surprising than ``chance``; see :func:`surprise`."""

    def last(inside: float, outside: float) -> float:
        for _ in range(60):
            middle = (inside + outside) / 2
            if surprise(middle, trials, low, high) >= chance:
                inside = middle
            else:
                outside = middle
        return inside

    return last(low, 0.0), last(high, 1.0)
