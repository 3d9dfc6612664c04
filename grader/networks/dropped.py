"""Which values a dropout has to drop together so that a signal appears, and how likely that is. Pure.

A *signal* is written as alternatives: it appears when for at least one of them all places named are dropped. Taking
the largest of a window is zero only where the whole window was dropped, which joins the places of one alternative;
taking the largest of signals appears where one of them does, which joins alternatives.
"""

from collections.abc import Callable
from itertools import combinations
from math import prod
from typing import TypeAlias

import numpy as np

from grader.transplant.architecture import Convolution, Pooling, ZeroPadding

Signal: TypeAlias = frozenset[frozenset[int]]
"""Alternatives. Empty: never. One that names no place: always."""
NEVER: Signal = frozenset()
ALWAYS: Signal = frozenset({frozenset()})
MAX_ALTERNATIVES = 12
"""How many overlapping alternatives are worked out: twice the work with each."""


def places(shape: tuple[int, ...]) -> np.ndarray:
    """Return signals, one for each place of a map or vector: that it is dropped, it alone."""
    signals = np.empty(shape, object)
    for number, index in enumerate(np.ndindex(*shape)):
        signals[index] = frozenset({frozenset({number})})
    return signals


def nowhere(shape: tuple[int, ...]) -> np.ndarray:
    """Return signals that never appear."""
    signals = np.empty(shape, object)
    for index in np.ndindex(*shape):
        signals[index] = NEVER
    return signals


def zero_after_pooling(signals: np.ndarray, layer: Pooling) -> np.ndarray:
    """Return where the pooled map is zero, given where the map (height, width, channels) is: where the window is."""

    def all_of(window: list[Signal]) -> Signal:
        joined: Signal = ALWAYS
        for signal in window:
            joined = frozenset(one | other for one in joined for other in signal)
        return joined

    return _pooled(signals, layer, all_of)


def seen_after_pooling(signals: np.ndarray, layer: Pooling) -> np.ndarray:
    """Return where the pooled map shows a signal, given where the map does: where one place of the window does."""
    return _pooled(signals, layer, lambda window: frozenset().union(*window))


def shifted(signals: np.ndarray, layer: Convolution, tap: tuple[int, int], outside: Signal) -> np.ndarray:
    """Return what reaches each place through one entry ``tap`` of a kernel; ``outside`` stands in the padding."""
    filled = padded(signals, layer.padding, outside)
    rows, columns = layer.kernel.shape[:2]
    down, across = layer.strides
    last_row, last_column = filled.shape[0] - rows + tap[0], filled.shape[1] - columns + tap[1]
    return filled[tap[0] : last_row + 1 : down, tap[1] : last_column + 1 : across]


def padded(signals: np.ndarray, padding: tuple[tuple[int, int], tuple[int, int]], outside: Signal) -> np.ndarray:
    """Return ``signals`` with ``outside`` around them."""
    (above, below), (left, right) = padding
    height, width, channels = signals.shape
    filled = np.empty((above + height + below, left + width + right, channels), object)
    for index in np.ndindex(filled.shape):
        filled[index] = outside
    filled[above : above + height, left : left + width] = signals
    return filled


def surrounded(signals: np.ndarray, layer: ZeroPadding, *, is_zero: bool) -> np.ndarray:
    """Return signals after zeros were added around a map. ``is_zero``: a signal means that a value is zero."""
    return padded(signals, layer.padding, ALWAYS if is_zero else NEVER)


def probability(signal: Signal, rate: float) -> float:
    """Return how likely ``signal`` is when each place is dropped with probability ``rate``, each by itself.

    Raises:
        ValueError: more alternatives overlap than can be worked out.
    """
    alternatives = [places for places in signal if not any(other < places for other in signal)]
    if sum(map(len, alternatives)) == len(frozenset().union(*alternatives)):
        return 1.0 - prod(1.0 - rate ** len(places) for places in alternatives)
    if len(alternatives) > MAX_ALTERNATIVES:
        raise ValueError(f"{len(alternatives)} overlapping windows are too many to work out a probability")
    return sum(
        (-1.0) ** (size + 1) * rate ** len(frozenset().union(*chosen))
        for size in range(1, len(alternatives) + 1)
        for chosen in combinations(alternatives, size)
    )


def places_of(signal: Signal) -> frozenset[int]:
    """Return every place that ``signal`` depends on."""
    return frozenset().union(*signal)


def form(signal: Signal) -> Signal:
    """Return ``signal`` moved to the first places: the same for all windows of a map that look alike."""
    first = min(places_of(signal), default=0)
    return frozenset(frozenset(place - first for place in places) for places in signal)


def _pooled(signals: np.ndarray, layer: Pooling, join: Callable[[list[Signal]], Signal]) -> np.ndarray:
    height, width, channels = signals.shape
    (above, below), (left, right) = layer.padding
    tops = range(-above, height + below - layer.size[0] + 1, layer.strides[0])
    lefts = range(-left, width + right - layer.size[1] + 1, layer.strides[1])
    pooled = np.empty((len(tops), len(lefts), channels), object)
    for i, top in enumerate(tops):
        for j, first in enumerate(lefts):
            rows = slice(max(top, 0), top + layer.size[0])
            columns = slice(max(first, 0), first + layer.size[1])
            for channel in range(channels):
                pooled[i, j, channel] = join(list(signals[rows, columns, channel].ravel()))
    return pooled
