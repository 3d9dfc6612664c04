"""Moves the weights of a network from one framework to another, or to the same one, by what the layers are.

    source = trace(torch_network, (28, 28, 1))
    target = trace(keras_network)
    transplant(source.network, target)          # both now compute the same logits

The layers that have arrays are paired in the order in which the data passes them. Names, the order of definition,
activations, pooling, flattening and dropout play no part: whether *those* agree shows in what the two networks
compute afterwards. See docs/concepts/transplant.md.
"""

import sys
from collections.abc import Mapping
from itertools import zip_longest
from math import prod
from typing import Any

import msgspec
import numpy as np

from grader.transplant.architecture import (
    NO_PADDING,
    Convolution,
    Dense,
    Layer,
    Network,
    Shape,
    array_shapes,
    dimensions,
    title,
)
from grader.transplant.traced import TracedModel, TraceError


class Site(msgspec.Struct, frozen=True, eq=False):
    """A layer with arrays, in its place: its number in the network, from 0, and what goes in and comes out."""

    number: int
    layer: Layer
    input_shape: Shape
    output_shape: Shape

    def __str__(self) -> str:
        name = f" ({self.layer.label})" if self.layer.label else ""
        arrays = ", ".join(f"{n} {dimensions(s)}" for n, s in array_shapes(self.layer.arrays).items())
        return f"{title(self.layer)}{name}, {dimensions(self.input_shape)} → {dimensions(self.output_shape)}: {arrays}"

    @property
    def covers_its_input(self) -> bool:
        """Whether this is a dense layer, or a convolution with one place only, which is a dense layer on its map."""
        layer = self.layer
        if isinstance(layer, Convolution):
            return layer.padding == NO_PADDING and layer.kernel.shape[:2] == self.input_shape[:2]
        return isinstance(layer, Dense)


class ArchitectureMismatch(Exception):
    """Two networks whose weights do not fit each other.

    ``position`` counts the layers with arrays from 1. ``source`` and ``target`` are the first two that differ;
    ``None`` where one network has no more of them.
    """

    def __init__(self, position: int, source: Site | None, target: Site | None) -> None:
        self.position = position
        self.source = source
        self.target = target
        super().__init__(
            f"layer {position} of those with weights is the first that differs:\n"
            f"  source  {source or 'has no more layers with weights'}\n"
            f"  target  {target or 'has no more layers with weights'}"
        )


def trace(model: Any, input_shape: Shape | None = None) -> TracedModel:
    """Describe a live PyTorch module or Keras model and keep hold of its parameters.

    Args:
        model: a ``torch.nn.Module`` or ``keras.Model`` that is a chain of known layers. Trusted: its code is run.
        input_shape: the shape of one example, channels last whatever the framework: (height, width, channels),
            (height, width) for images without an axis of channels, or (values,). A Keras model that was built with an
            input needs none.

    Raises:
        TraceError: the model cannot be described; the message names the operation, and the module that it is in.
        TypeError: ``model`` belongs to neither framework.
    """
    torch, keras = sys.modules.get("torch"), sys.modules.get("keras")
    if torch is not None and isinstance(model, torch.nn.Module):
        from grader.transplant.trace_torch import trace_torch

        if input_shape is None:
            raise TraceError("a PyTorch module does not know its input: give the shape of one example, channels last")
        return trace_torch(model, input_shape)
    if keras is not None and isinstance(model, keras.Model):
        from grader.transplant.trace_keras import trace_keras

        return trace_keras(model, input_shape)
    raise TypeError(f"a {type(model).__name__} is neither a torch.nn.Module nor a keras.Model")


def transplant(network: Network, target: TracedModel) -> None:
    """Write the arrays of ``network`` into the live network ``target``.

    Kernels are (height, width, in, out) and (in, out) in the description. They are transposed to what the target's
    framework has, and where the target flattens a map in another order than height, width, channels, the rows of the
    dense layer that follows are put into that order. A convolution that has one place only and a dense layer of as
    many values are the same layer. The data type stays the target's. Nothing is written unless everything fits.

    Raises:
        ArchitectureMismatch: the layers with arrays differ; it says which is the first.
        ValueError: layers that share a parameter in the target have different values in ``network``.
    """
    target.write(fitted_arrays(network, target.network))


def fitted_arrays(source: Network, target: Network) -> tuple[Mapping[str, np.ndarray], ...]:
    """Return the arrays of ``source`` in the shapes that ``target`` has, one dict for each layer of ``target``.

    ``target.with_arrays(fitted_arrays(source, target))`` is ``target`` with the weights of ``source``.

    Raises:
        ArchitectureMismatch: as :func:`transplant`.
    """
    arrays: list[dict[str, np.ndarray]] = [{} for _ in target.layers]
    for position, (from_site, to_site) in enumerate(zip_longest(sites(source), sites(target)), 1):
        if from_site is None or to_site is None or not _fits(from_site, to_site):
            raise ArchitectureMismatch(position, from_site, to_site)
        wanted = to_site.layer.arrays
        arrays[to_site.number] = {
            name: array.reshape(wanted[name].shape) for name, array in from_site.layer.arrays.items()
        }
    return tuple(arrays)


def sites(network: Network) -> tuple[Site, ...]:
    """Return the layers of ``network`` that have arrays, in the order of the data."""
    inputs = (network.input_shape, *network.shapes)
    return tuple(
        Site(number, layer, inputs[number], inputs[number + 1])
        for number, layer in enumerate(network.layers)
        if layer.arrays
    )


def _fits(source: Site, target: Site) -> bool:
    ours, theirs = array_shapes(source.layer.arrays), array_shapes(target.layer.arrays)
    if type(source.layer) is type(target.layer):
        return ours == theirs
    same_sizes = {n: (prod(s[:-1]), s[-1]) for n, s in ours.items()} == {
        n: (prod(s[:-1]), s[-1]) for n, s in theirs.items()
    }
    return source.covers_its_input and target.covers_its_input and same_sizes
