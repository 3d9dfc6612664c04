"""A gradient against the slope of its loss along one random line, for a few evaluations instead of four an entry.

A gradient g promises that the loss changes at the rate g·d when all arrays move along d at once. A wrong gradient keeps
that promise for a random d with probability zero, so one slope tells whether something is wrong; it does not tell
where, and leaves that to :mod:`grader.numerics.finite_difference` entry by entry.

Every entry of d has the sign of the gradient's: the terms of g·d add up and cannot cancel to a small number, which
could not be told from the noise of the loss.
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
import numpy as np

from grader.numerics.finite_difference import SlopeAgreement, judge_slopes, plan, slopes_from
from grader.numerics.noise import Failure, Noise, noise_points

START = np.zeros(1)
"""Where the line begins: at the arrays themselves, 0 along it."""


class Line(msgspec.Struct, frozen=True, eq=False):
    """The arrays ``at + t * direction`` by name, in float64. ``rate`` is the slope at t = 0 that a gradient claims."""

    at: dict[str, np.ndarray]
    direction: dict[str, np.ndarray]
    rate: float

    def arrays(self, t: float) -> dict[str, np.ndarray]:
        """Return fresh arrays for a point of the line."""
        return {name: self.at[name] + t * along for name, along in self.direction.items()}


def uphill(gradients: Mapping[str, np.ndarray], at: Mapping[str, np.ndarray], rng: np.random.Generator) -> Line:
    """Draw a line through ``at`` along which the loss should rise.

    ``gradients`` and ``at`` have the same names and, by name, the same shapes. An entry moves by half to all of its
    size (at least 1), divided by the root of the number of entries: the whole moves about as far as one entry would.
    """
    total = sum(array.size for array in at.values())
    direction = {
        name: np.where(np.real(gradients[name]) < 0, -1.0, 1.0)
        * rng.uniform(0.5, 1.0, array.shape)
        * np.maximum(np.abs(array), 1.0)
        / np.sqrt(max(total, 1))
        for name, array in at.items()
    }
    rate = sum(float(np.sum(np.real(gradients[name]) * along)) for name, along in direction.items())
    return Line({name: np.array(array, dtype=np.float64) for name, array in at.items()}, direction, rate)


def line_noise_points() -> Iterator[float]:
    """Yield where on the line :func:`grader.numerics.noise.noise_from` wants the loss."""
    return (float(point[0]) for point in noise_points(START))


def line_points(noise: Noise) -> Iterator[float]:
    """Yield where on the line a slope wants the loss, for a loss this noisy: 4 points."""
    return (float(point[0]) for point in plan(START, [(0,)], noise=noise).points())


def judge_line(line: Line, noise: Noise, values: Sequence[float | Failure], *, relative: float) -> SlopeAgreement:
    """Judge the gradient by the losses at :func:`line_points`. ``relative`` is the error allowed, as a fraction of the
    slope. It agrees, or is inconclusive, or something in the gradient is not the slope of this loss."""
    found = slopes_from(plan(START, [(0,)], noise=noise), values)
    return judge_slopes(np.array([line.rate]), found, relative=relative)
