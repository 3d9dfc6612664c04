"""Builds the description of a network while its operations are replayed, keeping track of where each value went.

The layout of the framework's maps and the order in which it flattens them are not known from names: ``positions`` has
the shape of one example in the framework, and each entry says which value of the described map or vector stands
there. Whatever rearranges values is applied to ``positions`` as well, so when a dense layer is reached, they
*are* the order of its inputs.
"""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, Literal, TypeAlias, cast

import msgspec
import numpy as np

from grader.transplant import architecture
from grader.transplant.architecture import Layer, Network, Padding, Shape, dimensions, frozen
from grader.transplant.traced import Layout, Parameter, Slot, TracedModel, TraceError

Function: TypeAlias = Literal["relu", "sigmoid", "tanh", "softmax", "log_softmax"]
Reduction: TypeAlias = Literal["maximum", "average"]


class Chain:
    """The layers so far. Axes are those of one example in the framework: the axis of the examples is not counted.

    ``channel_axis`` is where a map has its channels: 0 in PyTorch, -1 in Keras. Every method that adds a layer raises
    :class:`TraceError` if the values that reach it are not in an order that the layer could take in every framework.
    """

    def __init__(self, input_shape: Shape, channel_axis: int) -> None:
        if len(input_shape) not in (1, 2, 3):
            raise TraceError(f"an example has 1, 2 or 3 axes, not the shape {dimensions(input_shape)}")
        self.shape = (*input_shape, 1) if len(input_shape) == 2 else input_shape
        self.positions = np.arange(prod(input_shape)).reshape(input_shape)
        if len(input_shape) == 3:
            self.positions = np.moveaxis(self.positions, -1, channel_axis)
        self._input = (self.shape, self.positions)
        self._layers: list[Layer] = []
        self._slots: list[Slot] = []

    def two_examples(self) -> np.ndarray:
        """Return the positions of two examples, (2, *shape), numbered through. Rearrange these as the values were."""
        return np.ascontiguousarray(np.stack([self.positions, self.positions + self.positions.size]))

    def rearranged(self, two_examples: np.ndarray, label: str) -> None:
        """Take over :meth:`two_examples` after the operation ``label`` has rearranged them."""
        size = self.positions.size
        if two_examples.shape[:1] != (2,) or not np.array_equal(two_examples[0] + size, two_examples[1]):
            raise TraceError(f"{label} mixes the values of different examples")
        if not np.array_equal(np.sort(two_examples[0], axis=None), np.arange(size)):
            raise TraceError(f"{label} leaves values out or repeats them")
        self.positions = two_examples[0]

    def convolution(
        self,
        kernel: Parameter,
        axes: tuple[int, ...],
        bias: Parameter | None,
        *,
        strides: tuple[int, int],
        padding: Padding | Literal["same"],
        channel_axis: int,
        label: str,
    ) -> None:
        """Add a convolution. ``axes`` transposes the framework's kernel to (height, width, in, out).

        Zeros that were added around the map just before are described as this layer's padding.
        """
        self._as_map(channel_axis, label)
        layout = Layout(axes, tuple(kernel.read().shape[axis] for axis in axes))
        if padding == "same":
            padding = architecture.same_padding(self.shape, layout.shape[:2], strides)
        if self._layers and isinstance(self._layers[-1], architecture.ZeroPadding):
            padding = self._take_back(padding)
        layouts = {"kernel": layout, "bias": Layout((0,), layout.shape[3:])}
        arrays = {"kernel": kernel, "bias": bias}
        self._add_with(architecture.Convolution, arrays, layouts, strides=strides, padding=padding, label=label)
        self._standard_positions(channel_axis)

    def dense(self, kernel: Parameter, axes: tuple[int, ...], bias: Parameter | None, label: str) -> None:
        """Add a dense layer on the last axis. ``axes`` transposes the framework's kernel to (in, out).

        On a map with several places this is a 1×1 convolution, and is described as one.
        """
        size_in, size_out = (kernel.read().shape[axis] for axis in axes)
        if self.positions.shape[-1] != size_in:
            raise TraceError(
                f"{label} takes {size_in} values along the last axis, but {dimensions(self.positions.shape)} reach it"
            )
        arrays = {"kernel": kernel, "bias": bias}
        if self.positions.size == size_in:
            layouts = {"kernel": Layout(axes, (size_in, size_out), self._as_vector(label))}
            layer_type: type[Layer] = architecture.Dense
            positions = np.arange(size_out).reshape(*self.positions.shape[:-1], size_out)
        else:
            self._as_map(-1, label)
            layouts = {"kernel": Layout(axes, (1, 1, size_in, size_out))}
            layer_type = architecture.Convolution
            positions = np.arange(self.positions.size // size_in * size_out).reshape(*self.shape[:2], size_out)
        layouts["bias"] = Layout((0,), (size_out,))
        self._add_with(layer_type, arrays, layouts, label=label)
        self.positions = positions

    def add_bias(self, bias: Parameter, label: str) -> None:
        """Give the dense layer just added a bias that the network adds in an operation of its own."""
        last = self._layers[-1] if self._layers else None
        if not isinstance(last, architecture.Dense) or last.bias is not None or bias.read().shape != self.shape:
            raise TraceError(f"{label} adds a parameter to something other than a dense layer without a bias")
        self._layers[-1] = msgspec.structs.replace(last, bias=frozen(bias.read()))
        self._slots.append(Slot(len(self._layers) - 1, "bias", bias, Layout((0,), self.shape)))

    def batch_normalization(
        self,
        *,
        scale: Parameter | None,
        shift: Parameter | None,
        mean: Parameter,
        variance: Parameter,
        epsilon: float,
        momentum: float,
        channel_axis: int,
        label: str,
    ) -> None:
        """Add a batch normalization of the channels on ``channel_axis``."""
        layout = Layout((0,), mean.read().shape, self._features(channel_axis, label))
        arrays = {"scale": scale, "shift": shift, "mean": mean, "variance": variance}
        layouts = dict.fromkeys(arrays, layout)
        self._add_with(
            architecture.BatchNormalization, arrays, layouts, epsilon=epsilon, momentum=momentum, label=label
        )

    def pooling(
        self,
        reduction: Reduction,
        *,
        size: tuple[int, int],
        strides: tuple[int, int],
        padding: Padding | Literal["same"],
        padding_counts: bool,
        channel_axis: int,
        label: str,
    ) -> None:
        """Add a pooling."""
        self._as_map(channel_axis, label)
        if padding == "same":
            padding = architecture.same_padding(self.shape, size, strides)
        layer = architecture.Pooling(
            reduction=reduction,
            size=size,
            strides=strides,
            padding=padding,
            padding_counts=padding_counts and padding != architecture.NO_PADDING,
            label=label,
        )
        self._add(layer)
        self._standard_positions(channel_axis)

    def zero_padding(self, padding: Padding, channel_axis: int, label: str) -> None:
        """Add rows and columns of zeros."""
        self._as_map(channel_axis, label)
        self._add(architecture.ZeroPadding(padding=padding, label=label))
        self._standard_positions(channel_axis)

    def activation(self, function: Function, label: str, axis: int | None = None) -> None:
        """Add an activation. ``axis`` is the one along which a softmax sums to 1."""
        if axis is not None:
            self._features(axis, label)
        self._add(architecture.Activation(function=function, label=label))

    def dropout(self, rate: float, always: bool, label: str) -> None:
        """Add a dropout, inactive in evaluation unless ``always``."""
        self._add(architecture.Dropout(rate=rate, always=always, label=label))

    def channel_dropout(self, rate: float, always: bool, channel_axis: int, label: str) -> None:
        """Add a dropout of whole channels, inactive in evaluation unless ``always``."""
        self._as_map(channel_axis, label)
        self._add(architecture.Dropout(rate=rate, always=always, whole_channels=True, label=label))
        self._standard_positions(channel_axis)

    def confirm(self, native_shape: Sequence[int], label: str) -> None:
        """Compare what was described with the shape that the framework really has after ``label``."""
        if self.positions.shape != tuple(native_shape):
            described = dimensions(self.positions.shape)
            raise TraceError(
                f"{label} gives {dimensions(native_shape)}, but what was read of it would give {described}"
            )

    def finish(self, unused: Sequence[str]) -> TracedModel:
        """Return the network described so far. ``unused`` names the parameters that no layer used."""
        if self.positions.ndim == 1:
            self._as_vector("the output")
        network = Network(self._input[0], tuple(self._layers))
        return TracedModel(network, tuple(self._slots), tuple(unused), self._input[1], self.positions)

    def used(self) -> set[int]:
        """Return the identities of the framework's parameters that the layers so far use."""
        return {id(slot.parameter.native) for slot in self._slots}

    def _add(self, layer: Layer) -> None:
        try:
            self.shape = architecture.output_shape(layer, self.shape)
        except ValueError as error:
            raise TraceError(f"{layer.label}: {error}") from error
        self._layers.append(layer)

    def _add_with(
        self,
        layer_type: type[Layer],
        parameters: Mapping[str, Parameter | None],
        layouts: Mapping[str, Layout],
        *,
        label: str,
        **settings: Any,
    ) -> None:
        """Add a layer whose arrays are the parameters of the framework, each in its layout."""
        arrays = {n: None if p is None else frozen(layouts[n].to_neutral(p.read())) for n, p in parameters.items()}
        self._add(layer_type(**arrays, **settings, label=label))
        number = len(self._layers) - 1
        self._slots += [Slot(number, n, p, layouts[n]) for n, p in parameters.items() if p is not None]

    def _take_back(self, padding: Padding) -> Padding:
        """Remove the zero padding added last; return it and ``padding`` together."""
        (above, below), (left, right) = cast(architecture.ZeroPadding, self._layers.pop()).padding
        self.shape = (self.shape[0] - above - below, self.shape[1] - left - right, self.shape[2])
        return (
            (above + padding[0][0], below + padding[0][1]),
            (left + padding[1][0], right + padding[1][1]),
        )

    def _standard_positions(self, channel_axis: int) -> None:
        self.positions = np.moveaxis(np.arange(prod(self.shape)).reshape(self.shape), -1, channel_axis)

    def _as_map(self, channel_axis: int, label: str) -> None:
        """Make sure that the values are a map in its usual order, and that the description says so."""
        if self.positions.ndim != 3:
            raise TraceError(f"{label} takes a map, but values of shape {dimensions(self.positions.shape)} reach it")
        positions = np.moveaxis(self.positions, channel_axis, -1)
        if not np.array_equal(positions.ravel(), np.arange(positions.size)):
            raise TraceError(f"{label} takes a map whose values were rearranged on the way to it")
        if self.shape != positions.shape:
            height, width, channels = positions.shape
            self._add(architecture.Reshape(shape=(height, width, channels), label=label))

    def _as_vector(self, label: str) -> np.ndarray | None:
        """Make sure that the description has a vector; return where in it each of the values stands if not in order."""
        if len(self.shape) == 3:
            self._add(architecture.Flatten(label=label))
        rows = self.positions.ravel()
        return None if np.array_equal(rows, np.arange(rows.size)) else rows

    def _features(self, axis: int, label: str) -> np.ndarray | None:
        """Make sure that ``axis`` holds the values of a vector or the channels of a map, as the last axis of the
        description will. Return what :meth:`_as_vector` does for a vector, ``None`` for a map."""
        all_on_axis = self.positions.shape[axis] == self.positions.size
        if all_on_axis and (self.positions.ndim == 1 or len(self.shape) == 1):
            return self._as_vector(label)
        self._as_map(axis, label)
        return None
