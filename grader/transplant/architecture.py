"""What a network is, apart from any framework: its layers in the order of the data, and their arrays in one layout.

Images are channels last, ``(height, width, channels)``; vectors are ``(values,)``; both without the axis of the
examples. A :class:`Flatten` reads a map row by row, channels fastest. Every array has the layout below, whatever the
framework it came from:

    Convolution          kernel (kernel height, kernel width, channels in, channels out), bias (channels out,)
    Dense                kernel (values in, values out), bias (values out,)
    BatchNormalization   scale, shift, mean, variance: (channels,) each

Writings that are the same network have the same description: activations are layers of their own, a dense layer that
works on every place of a map is a 1×1 convolution, and "same" padding is written out in rows and columns. Layers are
frozen and their arrays read-only. ``label`` is the name in the framework, for messages; nothing depends on it.
"""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, ClassVar, Literal, TypeAlias

import msgspec
import numpy as np

Shape: TypeAlias = tuple[int, ...]
Padding: TypeAlias = tuple[tuple[int, int], tuple[int, int]]
"""Rows added above and below, columns added on the left and on the right."""
NO_PADDING: Padding = ((0, 0), (0, 0))


class Layer(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """One layer. ``ARRAYS`` names the fields that hold arrays; a field that is ``None`` is an array it does without."""

    ARRAYS: ClassVar[tuple[str, ...]] = ()
    label: str = ""

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays of this layer by name, those that are ``None`` left out."""
        return {name: array for name in self.ARRAYS if (array := getattr(self, name)) is not None}


class Convolution(Layer, frozen=True, eq=False, kw_only=True):
    """Cross-correlation with ``kernel``, which is what every framework calls convolution.

    Raises:
        ValueError: the kernel does not have four axes, or the bias does not fit it.
    """

    ARRAYS: ClassVar[tuple[str, ...]] = ("kernel", "bias")
    kernel: np.ndarray
    bias: np.ndarray | None = None
    strides: tuple[int, int] = (1, 1)
    padding: Padding = NO_PADDING

    def __post_init__(self) -> None:
        _check_arrays(self, self.kernel, axes=4)


class Dense(Layer, frozen=True, eq=False, kw_only=True):
    """``x @ kernel + bias`` on a vector.

    Raises:
        ValueError: the kernel does not have two axes, or the bias does not fit it.
    """

    ARRAYS: ClassVar[tuple[str, ...]] = ("kernel", "bias")
    kernel: np.ndarray
    bias: np.ndarray | None = None

    def __post_init__(self) -> None:
        _check_arrays(self, self.kernel, axes=2)


class BatchNormalization(Layer, frozen=True, eq=False, kw_only=True):
    """``scale · (x − mean) / √(variance + epsilon) + shift``, channel by channel, on a map or a vector.

    In training the mean and variance of the batch (dividing by its size) take the place of ``mean`` and ``variance``,
    of which each step keeps the share ``momentum`` (Keras' sense of the word; PyTorch's is one minus it).

    Raises:
        ValueError: the four vectors do not have one length.
    """

    ARRAYS: ClassVar[tuple[str, ...]] = ("scale", "shift", "mean", "variance")
    scale: np.ndarray | None
    shift: np.ndarray | None
    mean: np.ndarray
    variance: np.ndarray
    epsilon: float
    momentum: float

    def __post_init__(self) -> None:
        _check_arrays(self, self.mean, axes=1)


class Pooling(Layer, frozen=True, eq=False, kw_only=True):
    """The largest value or the average of each window. Windows may overlap.

    Padding never wins a maximum. It counts as zeros in an average if ``padding_counts``, else not at all.
    """

    reduction: Literal["maximum", "average"]
    size: tuple[int, int]
    strides: tuple[int, int]
    padding: Padding = NO_PADDING
    padding_counts: bool = False


class ZeroPadding(Layer, frozen=True, eq=False, kw_only=True):
    """Rows and columns of zeros around a map."""

    padding: Padding


class Activation(Layer, frozen=True, eq=False, kw_only=True):
    """A function of each value, or, for softmax and its logarithm, of each value and the others in the last axis."""

    function: Literal["relu", "sigmoid", "tanh", "softmax", "log_softmax"]


class Dropout(Layer, frozen=True, eq=False, kw_only=True):
    """Sets the share ``rate`` of the values to zero in training. ``always``: in evaluation too, a likely mistake.

    ``whole_channels``: a channel of a map is kept or dropped as a whole (spatial dropout).
    """

    rate: float
    always: bool = False
    whole_channels: bool = False


class Flatten(Layer, frozen=True, eq=False, kw_only=True):
    """A map as a vector, row by row, channels fastest."""


class Reshape(Layer, frozen=True, eq=False, kw_only=True):
    """A vector as a map of ``shape``: the reverse of :class:`Flatten`."""

    shape: tuple[int, int, int]


class Network(msgspec.Struct, frozen=True, eq=False):
    """Layers in the order of the data.

    Raises:
        ValueError: a layer cannot take what reaches it; the message says which.
    """

    input_shape: Shape
    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        _ = self.shapes

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The shape of each layer's output, without the axis of the examples, in order."""
        shapes: list[Shape] = []
        for number, layer in enumerate(self.layers, 1):
            try:
                shapes.append(output_shape(layer, shapes[-1] if shapes else self.input_shape))
            except ValueError as error:
                raise ValueError(f"layer {number}: {error}") from error
        return tuple(shapes)

    @property
    def output_shape(self) -> Shape:
        """The shape of what the network gives for one example."""
        return self.shapes[-1] if self.layers else self.input_shape

    @property
    def arrays(self) -> tuple[dict[str, np.ndarray], ...]:
        """The arrays of each layer by name; an empty dict for a layer without any."""
        return tuple(layer.arrays for layer in self.layers)

    def with_arrays(self, arrays: Sequence[Mapping[str, np.ndarray]]) -> "Network":
        """Return this network with other values in its arrays; ``arrays`` is laid out as :attr:`arrays` is.

        Raises:
            ValueError: a layer's arrays have other names or shapes than the layer's own.
        """
        if len(arrays) != len(self.layers):
            raise ValueError(f"arrays for {len(arrays)} layers were given to a network of {len(self.layers)}")
        layers = []
        for number, (layer, given) in enumerate(zip(self.layers, arrays, strict=True), 1):
            if array_shapes(given) != array_shapes(layer.arrays):
                own = array_shapes(layer.arrays)
                raise ValueError(f"layer {number}, {title(layer)}, has the arrays {own}, not {array_shapes(given)}")
            layers.append(msgspec.structs.replace(layer, **{name: frozen(array) for name, array in given.items()}))
        return Network(self.input_shape, tuple(layers))


def draw_arrays(network: Network, rng: np.random.Generator) -> Network:
    """Return the network with random values in every array, biases and the four vectors of batch norm included.

    Kernels are normal with variance 1 / (number of values that one output sums), so that values neither vanish nor
    grow from layer to layer. Biases, shifts and means are normal with deviation 0.1, scales and variances uniform in
    0.5..1.5. Data types stay what they were.
    """

    def draw(name: str, array: np.ndarray) -> np.ndarray:
        if name == "kernel":
            drawn = rng.normal(0.0, prod(array.shape[:-1]) ** -0.5, array.shape)
        elif name in ("scale", "variance"):
            drawn = rng.uniform(0.5, 1.5, array.shape)
        else:
            drawn = rng.normal(0.0, 0.1, array.shape)
        return drawn.astype(array.dtype)

    return network.with_arrays([{name: draw(name, a) for name, a in arrays.items()} for arrays in network.arrays])


def title(layer: Layer) -> str:
    """What a message calls a layer: ``convolution 5×5``, ``dense layer``."""
    match layer:
        case Convolution():
            return f"convolution {dimensions(layer.kernel.shape[:2])}"
        case Dense():
            return "dense layer"
        case BatchNormalization():
            return "batch normalization"
        case Pooling():
            return f"{layer.reduction} pooling {dimensions(layer.size)}"
        case ZeroPadding():
            return "zero padding"
        case Activation():
            return layer.function
        case Dropout():
            return f"dropout {layer.rate:g}{' of channels' if layer.whole_channels else ''}"
        case Reshape():
            return f"reshape to {dimensions(layer.shape)}"
    return "flatten"


def output_shape(layer: Layer, shape: Shape) -> Shape:
    """Return the shape of what ``layer`` makes of one example of ``shape``.

    Raises:
        ValueError: the layer cannot take values of that shape.
    """
    match layer:
        case Convolution():
            _check_fit(layer, shape, axes=3, last=layer.kernel.shape[2])
            return (*_places(layer, shape, layer.kernel.shape[:2]), layer.kernel.shape[3])
        case Dense():
            _check_fit(layer, shape, axes=1, last=layer.kernel.shape[0])
            return (layer.kernel.shape[1],)
        case BatchNormalization():
            _check_fit(layer, shape, axes=max(len(shape), 1), last=len(layer.mean))
        case Pooling():
            _check_fit(layer, shape, axes=3)
            return (*_places(layer, shape, layer.size), shape[2])
        case ZeroPadding():
            _check_fit(layer, shape, axes=3)
            return (shape[0] + sum(layer.padding[0]), shape[1] + sum(layer.padding[1]), shape[2])
        case Flatten():
            return (prod(shape),)
        case Reshape():
            _check_fit(layer, shape, axes=1, last=prod(layer.shape))
            return layer.shape
    return shape


def same_padding(shape: Shape, size: Sequence[int], strides: Sequence[int]) -> Padding:
    """Return the padding that "same" means on a map of ``shape``: ⌈n / stride⌉ places, the odd row or column last.

    This is TensorFlow's rule, and PyTorch's where it has one (stride 1).
    """
    sides = []
    for n, window, stride in zip(shape[:2], size, strides, strict=True):
        total = max((-(-n // stride) - 1) * stride + window - n, 0)
        sides.append((total // 2, total - total // 2))
    return (sides[0], sides[1])


def dimensions(shape: Sequence[int]) -> str:
    """Write a shape as reports do: ``28×28×1``."""
    return "×".join(map(str, shape))


def array_shapes(arrays: Mapping[str, Any]) -> dict[str, Shape]:
    """Return the shape of each array by name."""
    return {name: np.shape(array) for name, array in arrays.items()}


def frozen(array: Any) -> np.ndarray:
    """Return a read-only copy of ``array``."""
    copy = np.array(array, order="C")
    copy.flags.writeable = False
    return copy


def _places(layer: Convolution | Pooling, shape: Shape, size: Shape) -> tuple[int, int]:
    """How many places, down and across, a window of ``size`` has on a map of ``shape`` with the layer's padding."""
    places = []
    for n, padding, window, stride in zip(shape[:2], layer.padding, size, layer.strides, strict=True):
        free = n + sum(padding) - window
        if free < 0:
            raise ValueError(f"{title(layer)} does not fit into a map of {dimensions(shape)}")
        places.append(free // stride + 1)
    return places[0], places[1]


def _check_fit(layer: Layer, shape: Shape, *, axes: int, last: int | None = None) -> None:
    if len(shape) != axes or (last is not None and shape[-1] != last):
        wanted = "×".join(["height", "width", "channels" if last is None else str(last)][3 - axes :])
        raise ValueError(f"{title(layer)} takes {wanted} values, but {dimensions(shape)} reach it")


def _check_arrays(layer: Layer, main: np.ndarray, *, axes: int) -> None:
    if main.ndim != axes:
        raise ValueError(f"the arrays of a {type(layer).__name__} have the shapes {array_shapes(layer.arrays)}")
    for name, array in layer.arrays.items():
        if name != "kernel" and array.shape != main.shape[-1:]:
            raise ValueError(f"{title(layer)} for {main.shape[-1]} channels has a {name} of shape {array.shape}")
