"""How noisy a loss is, measured by calling it.

The rounding noise of somebody else's loss cannot be read off its dtype: a loss computed in single precision often
arrives as a Python float. It can be measured by the difference table of Moré and Wild, "Estimating computational
noise", SIAM J. Sci. Comput. 33(3), 2011: along a line of equally spaced points, high differences of a smooth function
vanish and those of its noise do not.

Evaluations may be calls into another process, so the points and what follows from the values are two functions.
"""

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from grader.numerics.compare import DOUBLE_EPSILON, HALF_EPSILON, machine_epsilon

FINE_SPACING, WIDE_SPACING = 1e-6, 1e-3
"""Spacings of the two tables, relative to the size of the array. On the fine one a smooth loss leaves nothing but its
noise. The wide one is asked where the fine one may be too fine: a loss in half precision is constant on it."""
OFFSETS = (-3, -2, -1, 1, 2, 3)
ORDER = 4
VARIANCE_GAIN = 70.0
"""The variance of a fourth difference of independent noise, per variance of the noise: 8! / (4!)**2."""
EVALUATIONS = 1 + 2 * len(OFFSETS)

COARSE = 1e-12
"""Noise above this fraction of the loss is not that of double precision, and hides what a wide table adds to it."""
STRAIGHT_EPSILONS = 4.0


class Failure(msgspec.Struct, frozen=True):
    """Stands for an evaluation that gave no number. ``why`` completes "your loss ..." without a full stop."""

    why: str


class Noise(msgspec.Struct, frozen=True):
    """What :func:`noise_from` found: the ``loss`` at the point itself, the standard deviation ``level`` of its
    computational noise, the largest ``magnitude`` of a loss seen. A ``reason`` says why the level is infinite."""

    loss: float
    level: float
    magnitude: float
    reason: str = ""


def noise_points(at: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the 13 arrays whose losses :func:`noise_from` needs, each a fresh float64 array; ``at`` comes first."""
    centre = np.array(at, dtype=np.float64)
    yield centre.copy()
    direction = np.maximum(np.abs(centre), 1.0) / np.sqrt(max(centre.size, 1))
    for spacing in (FINE_SPACING, WIDE_SPACING):
        for offset in OFFSETS:
            yield np.asarray(centre + offset * spacing * direction)


def noise_from(values: Sequence[float | Failure]) -> Noise:
    """Estimate the noise of a loss from its values at :func:`noise_points`.

    A value that is a :class:`Failure`, or not finite, leaves the noise infinite, and so does a loss that is exactly 0
    throughout. Raises ``ValueError`` if there are not exactly as many values as points.
    """
    if len(values) != EVALUATIONS:
        raise ValueError(f"the noise needs the loss at {EVALUATIONS} points, got {len(values)} values")
    reason = why_not_numbers(values)
    if reason:
        return Noise(float("nan"), float("inf"), float("nan"), reason)
    losses = numbers(values)
    magnitude = float(np.abs(losses).max())
    if magnitude == 0:
        return Noise(0.0, float("inf"), 0.0, "your loss is exactly 0 at every point tried, so it shows no slope")

    fine, wide = _tables(losses / magnitude)
    level = max(_standard_deviation(fine), _coarsest_epsilon(losses))
    if level > COARSE or _looks_straight(fine):
        level = max(level, _standard_deviation(wide))
    if np.ptp(fine) == 0:
        # What moves on the wide table only is coarser than the distance it should have moved on the fine one.
        level = max(level, float(np.ptp(wide)) * FINE_SPACING / WIDE_SPACING)
    return Noise(float(losses[0]), magnitude * level, magnitude)


def why_not_numbers(values: Sequence[float | Failure]) -> str:
    """Return what is wrong with the first value that is not a finite number, or nothing if all are."""
    for value in values:
        if isinstance(value, Failure):
            return f"your loss {value.why}"
        if not np.isfinite(value):
            return f"your loss is {value} near this point"
    return ""


def numbers(values: Sequence[float | Failure]) -> np.ndarray:
    """Return the values that are numbers as a float64 array of one axis."""
    return np.array([value for value in values if not isinstance(value, Failure)], dtype=np.float64)


def _tables(losses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the losses along the fine and the wide line, in order, with the centre in its place."""
    half = len(OFFSETS) // 2
    fine, wide = losses[1:].reshape(2, -1)
    return np.insert(fine, half, losses[0]), np.insert(wide, half, losses[0])


def _standard_deviation(line: np.ndarray) -> float:
    """Return the standard deviation of the noise on a smooth function tabled at equal spacing."""
    return float(np.sqrt(np.mean(np.diff(line, n=ORDER) ** 2) / VARIANCE_GAIN))


def _looks_straight(line: np.ndarray) -> bool:
    """Whether no curvature and no noise shows, as when a loss in low precision happens to move in equal steps."""
    return bool(np.ptp(np.diff(line)) <= STRAIGHT_EPSILONS * DOUBLE_EPSILON)


def _coarsest_epsilon(losses: np.ndarray) -> float:
    """Return the machine epsilon of the coarsest precision in which all these losses are exact."""
    with np.errstate(all="ignore"):
        are_halves = bool((losses.astype(np.float16) == losses).all())
    return HALF_EPSILON if are_halves else machine_epsilon(losses)
