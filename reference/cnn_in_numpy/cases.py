"""Inputs on which the layers of part 2b are graded.

Every function takes a seeded generator and returns a dict of float64 arrays. Maps are (N, height, width, channels),
vectors (N, values). No two axes of an array that could be mixed up are equally long, so that mixed-up axes cannot fit
by accident; all numbers are of the order of 1 unless it says otherwise.
"""

import numpy as np

CLASSES = 10


def convolutions(rng: np.random.Generator) -> dict:
    """Return ``maps`` and a ``kernel`` of other sizes than the network's, square or not, and a ``bias``."""
    rows, columns = rng.integers(1, 5, 2)
    channels, count = rng.permutation(np.arange(2, 7))[:2]
    maps = rng.normal(size=(3, rows + rng.integers(2, 5), columns + rng.integers(5, 8), channels))
    return {"maps": maps, **_weights(rng, rows, columns, channels, count)}


def network_convolution(rng: np.random.Generator) -> dict:
    """Return what the network's own convolution sees: 4 images of 28×28×1 and 64 kernels of 3×3."""
    return {"maps": rng.uniform(0, 1, (4, 28, 28, 1)), **_weights(rng, 3, 3, 1, 64)}


def maps(rng: np.random.Generator) -> dict:
    """Return ``maps`` with an even number of rows and another even number of columns. A third of them is negative
    throughout, so that a largest value is not always positive."""
    rows, columns = 2 * rng.permutation(np.arange(2, 7))[:2]
    values = rng.normal(size=(6, rows, columns, rng.integers(1, 4)))
    values[:2] = -np.abs(values[:2])
    return {"maps": values}


def vectors(rng: np.random.Generator) -> dict:
    """Return ``vectors`` with the ``kernel`` and ``bias`` of a dense layer."""
    count, given, found = rng.permutation(np.arange(2, 20))[:3]
    return {"vectors": rng.normal(size=(count, given)), **_weights(rng, given, found)}


def scores(rng: np.random.Generator) -> dict:
    """Return ``scores`` (N, 10) whose softmax leaves something to every class; 11 ≤ N < 30."""
    return {"scores": rng.normal(0, 2, (int(rng.integers(11, 30)), CLASSES))}


def large_scores(rng: np.random.Generator) -> dict:
    """Return ``scores`` around +2000 in half of the rows and around −2000 in the others.

    ``exp(2000)`` is infinite and ``exp(-2000)`` is 0, also in float64, but the softmax of each row is that of scores
    around 0. The scores are multiples of 1/64: single precision holds them exactly too.
    """
    near = np.round(rng.normal(0, 2, (16, CLASSES)) * 64) / 64
    return {"scores": near + np.where(np.arange(16) % 2, 2000.0, -2000.0)[:, np.newaxis]}


def _weights(rng: np.random.Generator, *shape: int) -> dict:
    """Return a ``kernel`` of this shape, with which outputs are about as large as inputs, and a ``bias`` that shows."""
    fan_in = np.prod(shape[:-1])
    return {"kernel": rng.normal(0, fan_in**-0.5, shape), "bias": rng.normal(0, 1, shape[-1])}
