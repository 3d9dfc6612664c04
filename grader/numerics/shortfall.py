"""How far below a recorded mean new measurements may fall before chance is no explanation. Pure."""

import functools
import math

import numpy as np

_BISECTIONS = 50


@functools.cache
def shortfall_factor(recorded: int, drawn: int, rate: float) -> float:
    """Return k such that the median of ``drawn`` new values lies below mean − k · deviation with probability ``rate``.

    Mean and deviation are those of a sample of ``recorded`` values, and recorded and new values are drawn from the same
    normal distribution. That a sample's mean and deviation are themselves uncertain is part of k.

    Args:
        recorded: at least 3.
        drawn: odd, so that the median is one of the values.
        rate: more than 0, less than 0.5.

    Raises:
        ValueError: an argument is out of range.
    """
    if recorded < 3 or drawn < 1 or drawn % 2 == 0 or not 0 < rate < 0.5:
        raise ValueError(f"no factor for {recorded} recorded values, {drawn} new ones and a rate of {rate}")
    # the sample's mean and deviation in units of the true deviation, with the probability of each pair
    nodes, mean_weights = np.polynomial.hermite_e.hermegauss(30)
    deviations = np.linspace(1e-3, 5, 400)
    density = deviations ** (recorded - 2) * np.exp(-(recorded - 1) * deviations**2 / 2)
    weights = np.outer(mean_weights / mean_weights.sum(), density / density.sum())
    means = (nodes / math.sqrt(recorded))[:, np.newaxis]
    low, high = 0.0, 1000.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        below = float((weights * _median_below(means - middle * deviations, drawn)).sum())
        low, high = (middle, high) if below > rate else (low, middle)
    return high


def _median_below(values: np.ndarray, drawn: int) -> np.ndarray:
    """The probability that more than half of ``drawn`` standard normal values lie below each of ``values``."""
    grid, table = _normal_table()
    single = np.interp(values, grid, table)
    counts = range(drawn // 2 + 1, drawn + 1)
    terms = [math.comb(drawn, count) * single**count * (1 - single) ** (drawn - count) for count in counts]
    total: np.ndarray = np.sum(terms, axis=0)
    return total


@functools.cache
def _normal_table() -> tuple[np.ndarray, np.ndarray]:
    grid = np.linspace(-12, 12, 24_001)
    return grid, np.array([0.5 * math.erfc(-value / math.sqrt(2)) for value in grid])
