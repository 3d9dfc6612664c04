"""A forward pass layer by layer: what each layer should give for what reached it.

Whoever writes a pass by hand makes one mistake in one layer, and every number after it is another one. So a layer is
also held against what the reference makes of the *writer's own* output of the layer before.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

import msgspec
import numpy as np

from grader.networks import layers as numpy_layers
from grader.transplant.architecture import Activation, Layer, Network, Pooling
from grader.transplant.numpy_network import layer_outputs

VARIETY = 0.25
"""An output counts as something to go on from if it holds at least this share of the different values that the
reference's has: right results for an array of zeros prove nothing."""

SAME = 1e-12
"""Relative to the largest value, a difference that no later layer can show."""


class NamedLayer(NamedTuple):
    """A layer of a network, and what its output is called."""

    name: str
    layer: Layer


Pass: TypeAlias = tuple[NamedLayer, ...]


class Step(NamedTuple):
    """What one layer should give, in double precision.

    ``given`` is what the reference has before this layer and ``output`` what it makes of it; ``own_given`` and
    ``own_output`` are the same for the writer's own output of the layer before, ``None`` where that is nothing to go
    on from, or the same. Arrays are (N, …), channels last.
    """

    name: str
    layer: Layer
    given: np.ndarray
    output: np.ndarray
    own_given: np.ndarray | None
    own_output: np.ndarray | None


def named_layers(network: Network, names: Sequence[str]) -> Pass:
    """Name the layers of ``network`` in their order; one name more than layers is that of a softmax at the end.

    Raises:
        ValueError: there are more names than that, or fewer.
    """
    found = network.layers
    if len(names) == len(found) + 1:
        found = (*found, Activation(function="softmax"))
    if len(names) != len(found):
        raise ValueError(f"{len(names)} names are given to a network of {len(found)} layers")
    return tuple(map(NamedLayer, names, found))


def named_arrays(layers: Pass) -> dict[str, np.ndarray]:
    """Return the arrays of the layers as ``<layer>_<array>``: ``conv1_kernel``, ``conv1_bias`` …, in the layout of
    :mod:`grader.transplant.architecture`."""
    return {f"{name}_{key}": array for name, layer in layers for key, array in layer.arrays.items()}


def fitting_order(layers: Pass, inputs: np.ndarray, own: Mapping[str, object]) -> Pass:
    """Return the layers in the order in which they were written by hand, as far as that computes the same.

    ReLU before or after the largest value of a window is the same pass. Which one ``own``, the writer's outputs by
    name, comes from shows in their shapes; where it does not, the order stays.
    """
    orders = [layers]
    for first in range(len(layers) - 1):
        orders += [
            (*order[:first], order[first + 1], order[first], *order[first + 2 :])
            for order in orders
            if _may_be_exchanged(order[first].layer, order[first + 1].layer)
        ]

    def fitting(order: Pass) -> int:
        shapes = Network(inputs.shape[1:], tuple(layer for _, layer in order)).shapes
        outputs = [own.get(name) for name, _ in order]
        return sum(
            isinstance(output, np.ndarray) and output.shape[1:] == shape
            for output, shape in zip(outputs, shapes, strict=True)
        )

    return max(orders, key=fitting)


def steps(layers: Pass, inputs: np.ndarray, own: Mapping[str, object]) -> tuple[Step, ...]:
    """Compute what each layer should give.

    Args:
        layers: with their arrays, in any precision.
        inputs: (N, *input shape of the first layer).
        own: the writer's outputs by name. What is missing or not an array of numbers is nothing to go on from.
    """
    found: list[Step] = []
    given = inputs.astype(np.float64)
    own_given: np.ndarray | None = None
    for name, layer in layers:
        double = _in_double_precision(layer)
        output = _output(double, given)
        own_output = None if own_given is None else _output_if_any(double, own_given)
        own_given = None if own_output is None else own_given
        found.append(Step(name, double, given, output, own_given, own_output))
        given, own_given = output, _usable(own.get(name), output)
    return tuple(found)


def _usable(value: object, expected: np.ndarray) -> np.ndarray | None:
    """Return ``value`` in double precision if it says something to try the next layer on it: finite real numbers for
    as many examples and with as many axes as ``expected``, other ones, not many more of them, and almost as varied."""
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiu" or value.ndim != expected.ndim:
        return None
    if len(value) != len(expected) or not 0 < value.size <= 4 * expected.size or not np.isfinite(value).all():
        return None
    value = value.astype(np.float64)
    if value.shape == expected.shape and np.abs(value - expected).max() <= SAME * np.abs(expected).max():
        return None
    if np.unique(value).size < VARIETY * np.unique(expected).size:
        return None
    return value


def _in_double_precision(layer: Layer) -> Layer:
    return msgspec.structs.replace(layer, **{name: array.astype(np.float64) for name, array in layer.arrays.items()})


def _output(layer: Layer, given: np.ndarray) -> np.ndarray:
    return layer_outputs(Network(given.shape[1:], (layer,)), given, numpy_layers)[-1]


def _output_if_any(layer: Layer, given: np.ndarray) -> np.ndarray | None:
    """Return what a layer makes of somebody's numbers; ``None`` if they do not fit it, or are too large for it."""
    try:
        with np.errstate(all="ignore"):
            output = _output(layer, given)
    except ValueError:
        return None
    return output if np.isfinite(output).all() else None


def _may_be_exchanged(one: Layer, other: Layer) -> bool:
    return (_is_relu(one) and _is_maximum(other)) or (_is_maximum(one) and _is_relu(other))


def _is_relu(layer: Layer) -> bool:
    return isinstance(layer, Activation) and layer.function == "relu"


def _is_maximum(layer: Layer) -> bool:
    return isinstance(layer, Pooling) and layer.reduction == "maximum"
