"""Weights that a network may start its training from, drawn without any framework."""

from math import prod
from typing import Literal, TypeAlias

import numpy as np

from grader.transplant.architecture import Network

Initial: TypeAlias = Literal["keras", "pytorch"]
"""Whose way to draw: ``keras``: Glorot-uniform kernels and zero biases; ``pytorch``: kernels and biases uniform within
1/√(values that one output sums). Both are the defaults of convolutions and dense layers in that framework."""


def initialized(network: Network, rng: np.random.Generator, how: Initial) -> Network:
    """Return ``network`` with weights to start from, in float32. Batch norm starts as the same in both: 1, 0, 0, 1."""
    arrays = []
    for layer in network.layers:
        shape = layer.arrays["kernel"].shape if "kernel" in layer.arrays else (1, 1)
        arrays.append({name: _drawn(name, a.shape, shape, rng, how) for name, a in layer.arrays.items()})
    return network.with_arrays(arrays)


def _drawn(
    name: str, shape: tuple[int, ...], kernel: tuple[int, ...], rng: np.random.Generator, how: Initial
) -> np.ndarray:
    inputs = prod(kernel[:-1])
    if name == "kernel" and how == "keras":
        outputs = prod(kernel[:-2]) * kernel[-1]
        bound = (6 / (inputs + outputs)) ** 0.5
        return rng.uniform(-bound, bound, shape).astype(np.float32)
    if name == "kernel" or (name == "bias" and how == "pytorch"):
        return rng.uniform(-(inputs**-0.5), inputs**-0.5, shape).astype(np.float32)
    return np.full(shape, name in ("scale", "variance"), np.float32)
