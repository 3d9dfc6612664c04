"""The slope of a loss by central differences, with an uncertainty that correct work can rely on.

The loss is somebody else's code, in unknown precision, and every evaluation is a call into another process. So the
work is split into what to evaluate and what follows from it::

    noise = noise_from([loss(x) for x in noise_points(weights)])   # 13 evaluations per array
    planned = plan(weights, entries, noise=noise)
    found = slopes_from(planned, [loss(x) for x in planned.points()])   # 4 evaluations per entry

:func:`slopes` does it all for a loss that is a plain function. The noise comes from :mod:`grader.numerics.noise`.

The step is ``(noise / loss) ** (1/3)`` times the size of the entry, which balances rounding against truncation (Press
et al., *Numerical Recipes*, 3rd ed., section 5.7; Gill, Murray and Wright, *Practical Optimization*, section 8.6): 6e-6
for a loss in double precision, about 5e-3 in single. Each slope is taken at that step and at twice that step.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import product

import msgspec
import numpy as np

from grader.numerics.compare import allowed
from grader.numerics.noise import Failure, Noise, noise_from, noise_points, numbers, why_not_numbers

LARGEST_RELATIVE_STEP = 0.01
EVALUATIONS_PER_ENTRY = 4
WIDE_STEP = 1e-4
"""Several kinks may lie within a step wider than this (relative to the entry's size)."""

UNCERTAINTIES = 3.0
"""A gradient entry is convicted only beyond the tolerance plus this many uncertainties of the slope."""
DECISIVE = 0.1
"""A slope decides nothing when these uncertainties are neither negligible nor below this fraction of the scale."""
NEGLIGIBLE = 1e-6


class Plan(msgspec.Struct, frozen=True, eq=False):
    """Which evaluations give the slopes at ``entries`` of the array ``at`` (float64). ``steps`` has one per entry."""

    at: np.ndarray
    entries: tuple[tuple[int, ...], ...]
    steps: tuple[float, ...]
    noise: Noise

    def points(self) -> Iterator[np.ndarray]:
        """Yield the arrays to evaluate the loss at, each a fresh float64 array: for each entry +h, -h, +2h, -2h."""
        for entry, step in zip(self.entries, self.steps, strict=True):
            for offset in _offsets(step):
                point = self.at.copy()
                point[entry] += offset
                yield point


class Slope(msgspec.Struct, frozen=True):
    """The rate at which the loss changes with one entry. ``uncertainty`` covers truncation, rounding and kinks;
    ``step`` is how far the entry was moved each way. A slope below ``negligible`` moves the loss by less than
    :data:`NEGLIGIBLE` of itself over the entry's whole size. A ``reason`` says why ``value`` is NaN."""

    index: tuple[int, ...]
    value: float
    uncertainty: float
    step: float
    negligible: float = 0.0
    reason: str = ""


class SlopeAgreement(msgspec.Struct, frozen=True):
    """Whether a gradient agrees with slopes of the loss.

    ``agrees`` and ``inconclusive`` are never both true; when both are false the gradient is convicted at ``where``.
    ``worst`` is the error there divided by ``scale`` (infinite if the gradient is not finite), ``bound`` the error
    allowed on top of the slope's own ``uncertainty``. ``compared`` entries could decide, ``undecided`` could not;
    ``reason`` says why when the whole is inconclusive. ``claimed``, ``slope``, ``uncertainty`` and ``step`` belong to
    the entry ``where``.
    """

    agrees: bool
    inconclusive: bool
    worst: float
    where: tuple[int, ...]
    claimed: float
    slope: float
    uncertainty: float
    step: float
    bound: float
    scale: float
    compared: int
    undecided: int
    reason: str = ""


# --- what to evaluate -------------------------------------------------------------------------------------------------


def choose_entries(shape: tuple[int, ...], count: int, rng: np.random.Generator) -> tuple[tuple[int, ...], ...]:
    """Choose at most ``count`` entries of an array of this shape, in C order.

    All of them if there are few enough, else the corners and a random draw of the rest. Of more corners than
    ``count``, the first ones are taken. Raises ``ValueError`` if ``count`` is less than 1.
    """
    if count < 1:
        raise ValueError(f"at least one entry must be chosen, got a count of {count}")
    size = int(np.prod(shape, dtype=np.int64))
    if size <= count:
        return tuple(np.ndindex(shape))
    corners = sorted(set(product(*[(0, length - 1) for length in shape])))[:count]
    chosen = {int(np.ravel_multi_index(corner, shape)) for corner in corners}
    # Any `count` different positions hold enough that are not corners to fill up with.
    for position in rng.choice(size, size=count, replace=False).tolist():
        if len(chosen) == count:
            break
        chosen.add(position)
    return tuple(tuple(int(i) for i in np.unravel_index(position, shape)) for position in sorted(chosen))


def plan(at: np.ndarray, entries: Sequence[tuple[int, ...]], *, noise: Noise) -> Plan:
    """Plan the evaluations that give the slope at each of ``entries`` (indices into ``at``) of a loss this noisy.

    Raises ``IndexError`` if an entry is not one of the array's.
    """
    centre = _as_double(at)
    for entry in entries:
        if len(entry) != centre.ndim or not all(0 <= i < n for i, n in zip(entry, centre.shape, strict=True)):
            raise IndexError(f"{entry} is not an entry of an array of shape {centre.shape}")
    reach = _reach(centre)
    relative = _relative_step(noise)
    return Plan(
        at=centre,
        entries=tuple(tuple(entry) for entry in entries),
        steps=tuple(relative * float(reach[entry]) for entry in entries),
        noise=noise,
    )


# --- what follows from it ---------------------------------------------------------------------------------------------


def slopes_from(planned: Plan, values: Sequence[float | Failure]) -> tuple[Slope, ...]:
    """Return the slope at each entry of a plan from the losses at its points, in order.

    Where an evaluation failed or was not finite, the slope is NaN, its uncertainty infinite, and ``reason`` says why.
    Raises ``ValueError`` if there are not exactly as many values as points.
    """
    expected_count = EVALUATIONS_PER_ENTRY * len(planned.entries)
    if len(values) != expected_count:
        raise ValueError(f"this plan needs the loss at {expected_count} points, got {len(values)} values")
    reach = _reach(planned.at)
    found = []
    for number, (entry, step) in enumerate(zip(planned.entries, planned.steps, strict=True)):
        around = values[EVALUATIONS_PER_ENTRY * number : EVALUATIONS_PER_ENTRY * (number + 1)]
        size = float(reach[entry])
        reason = planned.noise.reason or why_not_numbers(around)
        value, uncertainty = float("nan"), float("inf")
        if not reason:
            at = float(planned.at[entry])
            value, uncertainty = _central(at, step, numbers(around), planned.noise, is_wide=step > WIDE_STEP * size)
            if not np.isfinite(value + uncertainty):
                value, uncertainty, reason = float("nan"), float("inf"), "your loss changes too much to take its slope"
        found.append(Slope(entry, value, uncertainty, step, NEGLIGIBLE * planned.noise.magnitude / size, reason))
    return _without_lucky_certainty(found)


def slopes(
    loss: Callable[[np.ndarray], float], at: np.ndarray, entries: Sequence[tuple[int, ...]]
) -> tuple[Slope, ...]:
    """Return the slope of ``loss`` at each of ``entries`` of the array ``at``, calling it in this process.

    ``loss`` gets a fresh float64 array each time. What it raises, or returns instead of a number, becomes the reason
    of an inconclusive slope. Raises ``IndexError`` if an entry is not one of the array's.
    """
    noise = noise_from([_evaluate(loss, point) for point in noise_points(at)])
    planned = plan(at, entries, noise=noise)
    return slopes_from(planned, [_evaluate(loss, point) for point in planned.points()])


def judge_slopes(
    gradient: np.ndarray, found: Sequence[Slope], *, relative: float, scale: float | None = None
) -> SlopeAgreement:
    """Judge a gradient by the slopes of the loss at some of its entries.

    ``gradient`` has the shape that the slopes' indices refer to (see :func:`grader.numerics.compare.match_shapes` for
    one with additional axes of length 1). ``relative`` is the error allowed as a fraction of ``scale``, widened to
    the precision of ``gradient``; ``scale`` is the largest ``|slope|`` unless given. An entry convicts only if it is
    off by more than that plus :data:`UNCERTAINTIES` of its slope's uncertainties. Without a conviction, the result is
    inconclusive if more slopes were undecided than compared, or there were none.
    """
    bound = allowed(gradient, relative)
    usable = [slope for slope in found if np.isfinite(slope.value)]
    if scale is None:
        scale = max((abs(slope.value) for slope in usable), default=0.0)
    undecided = len(found) - len(usable)

    compared = 0
    worst: tuple[float, float, Slope] | None = None
    for slope in usable:
        margin = UNCERTAINTIES * slope.uncertainty
        error = _distance(gradient[slope.index], slope.value)
        excess = error - margin
        if worst is None or excess > worst[0]:
            worst = (excess, error, slope)
        if margin <= max(DECISIVE * scale, slope.negligible) or excess > bound * scale:
            compared += 1
        else:
            undecided += 1
    if worst is None:
        nowhere = float("nan")
        reason = next((slope.reason for slope in found if slope.reason), "no entry was compared")
        return SlopeAgreement(
            False, True, nowhere, (), nowhere, nowhere, nowhere, nowhere, bound, scale, 0, undecided, reason
        )

    excess, error, slope = worst
    convicted = excess > bound * scale
    inconclusive = not convicted and undecided > compared
    return SlopeAgreement(
        agrees=not convicted and not inconclusive,
        inconclusive=inconclusive,
        worst=_ratio(error, scale),
        where=slope.index,
        claimed=float(gradient[slope.index].real),
        slope=slope.value,
        uncertainty=slope.uncertainty,
        step=slope.step,
        bound=bound,
        scale=scale,
        compared=compared,
        undecided=undecided,
        reason="your loss is too noisy, or too bent, for its slope to be told" if inconclusive else "",
    )


# --- arithmetic -------------------------------------------------------------------------------------------------------


def _central(at: float, step: float, losses: np.ndarray, noise: Noise, *, is_wide: bool) -> tuple[float, float]:
    """Return slope and uncertainty from the losses at +h, -h, +2h, -2h.

    For a smooth loss the two central differences are apart by three times the truncation error of the finer one, and
    the gap between the slopes to the right and to the left doubles with the step. At a kink the gap stays, and the
    two terms together bound the error wherever within the step the kink lies. Kinks of both signs within one wide step
    can cancel in these terms, so there anything between the slope to the left and to the right is allowed as well.
    """
    # The step that was really taken is the difference of two doubles, not h itself.
    right, left, far_right, far_left = (at + offset - at for offset in _offsets(step))
    with np.errstate(all="ignore"):
        above, below, far_above, far_below = losses - noise.loss
        central = (above - below) / (right - left)
        far_central = (far_above - far_below) / (far_right - far_left)
        gap = above / right - below / left
        far_gap = far_above / far_right - far_below / far_left
        uncertainty = abs(far_central - central) + abs(gap - far_gap / 2) + 2 * noise.level / step
        if is_wide:
            uncertainty += max(abs(gap), abs(far_gap))
    return float(central), float(uncertainty)


def _without_lucky_certainty(found: Sequence[Slope]) -> tuple[Slope, ...]:
    """Raise each uncertainty to the median of all: noise that happens to cancel at one entry is still there."""
    finite = [slope.uncertainty for slope in found if np.isfinite(slope.uncertainty)]
    if not finite:
        return tuple(found)
    typical = float(np.median(finite))
    return tuple(msgspec.structs.replace(slope, uncertainty=max(slope.uncertainty, typical)) for slope in found)


def _offsets(step: float) -> tuple[float, float, float, float]:
    return (step, -step, 2 * step, -2 * step)


def _relative_step(noise: Noise) -> float:
    if not np.isfinite(noise.level):
        return LARGEST_RELATIVE_STEP
    step = min(float(np.cbrt(noise.level / noise.magnitude)), LARGEST_RELATIVE_STEP)
    # One digit is enough for a step, and a reader can type it.
    return float(f"{step:.0e}")


def _reach(at: np.ndarray) -> np.ndarray:
    """Return over what distance the loss is taken to change, per entry: the entry's size, and at least 1.

    A bias of 0 says nothing about the distance over which the loss bends; networks keep their sums of order one.
    """
    reach: np.ndarray = np.maximum(np.abs(at), 1.0)
    return reach


def _as_double(at: np.ndarray) -> np.ndarray:
    return np.array(at, dtype=np.float64)


def _evaluate(loss: Callable[[np.ndarray], float], point: np.ndarray) -> float | Failure:
    try:
        value = np.asarray(loss(point))
        if value.size != 1 or value.dtype.kind not in "biuf":
            return Failure(f"returned {value.dtype} of shape {value.shape} instead of a number")
        return float(value.item())
    except Exception as error:  # whatever a loss raises is a fact about the loss, to be reported as such
        return Failure(f"raised {type(error).__name__}: {error}")


def _distance(claimed: complex, slope: float) -> float:
    """Return how far apart two numbers are; infinite if ``claimed`` is not finite."""
    claimed = complex(claimed)
    if not (np.isfinite(claimed.real) and np.isfinite(claimed.imag)):
        return float("inf")
    with np.errstate(over="ignore"):
        return float(np.hypot(claimed.real - slope, claimed.imag))


def _ratio(error: float, scale: float) -> float:
    if error == 0:
        return 0.0
    return error / scale if scale > 0 else float("inf")
