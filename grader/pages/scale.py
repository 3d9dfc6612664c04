"""Where numbers lie on an axis, which of them are marked there, and how they are written."""

import math
from collections.abc import Iterable, Sequence
from typing import TypeGuard

import msgspec

SMALLEST, LARGEST = 1e-100, 1e100
"""What is smaller is drawn as zero or as this; what is larger is not drawn, so that no arithmetic overflows."""

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


class Scale(msgspec.Struct, frozen=True):
    """Numbers from ``low`` to ``high`` on pixels from ``start`` to ``end``, evenly or, if asked, by powers of ten."""

    low: float
    high: float
    start: float
    end: float
    by_powers: bool = False

    def __call__(self, value: float) -> float:
        """Return the pixel of ``value``. What lies outside is drawn at the nearer end."""
        low, high, value = (math.log10(v) if self.by_powers else v for v in (self.low, self.high, max(value, self.low)))
        share = (min(value, high) - low) / (high - low)
        return self.start + share * (self.end - self.start)


def axis(values: Iterable[float], start: float, end: float, *, marks: int = 5) -> tuple[Scale, tuple[float, ...]]:
    """Return a scale with round numbers at both ends that holds ``values``, and the numbers to be marked.

    Args:
        values: finite ones.
        start, end: the pixels of the ends.
        marks: about how many numbers to mark.
    """
    low, high = _range(values)
    step = _round_step((high - low) / marks)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = tuple(index * step for index in range(first, last + 1))
    return Scale(ticks[0], ticks[-1], start, end), ticks


def counting_marks(count: int, *, marks: int = 6) -> tuple[int, ...]:
    """Return which of the numbers 1 to ``count`` to mark: 1, and then about ``marks`` round ones."""
    step = max(1, round(_round_step(max(count, 1) / marks)))
    return (1, *range(step if step > 1 else 2, count + 1, step))


def axis_by_powers(values: Iterable[float], start: float, end: float) -> tuple[Scale, tuple[float, ...]]:
    """Return a scale by powers of ten that holds ``values``, all positive and finite, and at most seven marks."""
    found = list(values)
    first = math.floor(math.log10(min(found, default=1.0)))
    last = max(math.ceil(math.log10(max(found, default=1.0))), first + 1)
    every = max(1, math.ceil((last - first) / 6))
    ticks = tuple(10.0**power for power in range(first, last + 1, every))
    return Scale(10.0**first, 10.0**last, start, end, by_powers=True), ticks


def is_drawn(value: float | None) -> TypeGuard[float]:
    """Whether ``value`` is a number that a chart has a place for."""
    return value is not None and abs(value) <= LARGEST


def written(value: float) -> str:
    """Return a number as it stands at an axis or in a table beside a chart: ``0.25``, ``12,000``, ``1e-06``."""
    if value and not 1e-4 <= abs(value) < 1e6:
        return f"{value:.2g}"
    return f"{value:,.0f}" if value == int(value) else f"{value:.4f}".rstrip("0")


def kept(count: int, at_most: int) -> Sequence[int]:
    """Return which of ``count`` places in a row to draw where there is room for ``at_most`` (two or more): evenly
    spaced, with the first and the last."""
    if count <= at_most:
        return range(count)
    return [round(index * (count - 1) / (at_most - 1)) for index in range(at_most)]


def _range(values: Iterable[float]) -> tuple[float, float]:
    found = list(values)
    low, high = min(found, default=0.0), max(found, default=1.0)
    if high - low > max(1e-9 * max(abs(low), abs(high)), SMALLEST):
        return low, high
    around = abs(low) / 10 if abs(low) > SMALLEST else 1.0
    return low - around, high + around


def _round_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * step for step in _STEPS if power * step >= least * (1 - 1e-9))
