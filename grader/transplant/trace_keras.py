"""Describes a Keras 3 network from the graph of its layers.

Sequential and functional models have that graph already. A subclass is opened: its ``call`` is run on a symbolic
tensor, which every layer and every function of ``keras.ops`` accepts, and so are layers that contain others.
"""

from collections.abc import Callable, Mapping
from inspect import signature
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from grader.transplant.architecture import NO_PADDING, Padding, Shape
from grader.transplant.chain import Chain, Function
from grader.transplant.traced import TracedModel, TraceError

if TYPE_CHECKING:
    import keras

CHANNELS = -1
"""Where one example has its channels in Keras, unless a layer says otherwise."""
ELEMENTWISE: Mapping[str, Function] = {"ReLU": "relu", "Relu": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh"}
SOFTMAX: Mapping[str, Function] = {"Softmax": "softmax", "LogSoftmax": "log_softmax"}
REARRANGEMENTS = frozenset(("Flatten", "Reshape", "Permute", "Transpose", "Squeeze", "ExpandDims", "Moveaxis", "Ravel"))
"""Layers and operations that only move values. They are applied to the values' positions as well."""
SAME_VALUES = frozenset(("InputLayer", "Identity", "Cast", "ConvertToTensor", "ActivityRegularization"))


class KerasParameter:
    """A variable of a model. See :class:`grader.transplant.traced.Parameter`."""

    def __init__(self, native: "keras.Variable") -> None:
        self.native = native

    def read(self) -> np.ndarray:
        """Return a copy of the values."""
        return np.array(self.native.value.numpy())

    def write(self, values: np.ndarray) -> None:
        """Replace the values; the variable keeps its data type."""
        self.native.assign(values)


def trace_keras(model: "keras.Model", input_shape: Shape | None = None, *, channels_last: bool = True) -> TracedModel:
    """Describe ``model``, in evaluation mode.

    Args:
        model: a Sequential or functional model, or a subclass that computes with layers and ``keras.ops`` only.
        input_shape: one example as the *description* will have it: (height, width, channels), (height, width) or
            (values,). A model that was built with an input knows it.
        channels_last: whether the model itself takes its images channels last.

    Raises:
        TraceError: the model is not a chain of known layers, or it is not built and ``input_shape`` is not given.
    """
    if input_shape is None:
        input_shape = _input_shape(model, channels_last)
    chain = Chain(input_shape, CHANNELS if channels_last else 0)
    if not model.built:
        _build(model, (2, *chain.positions.shape))
    recorder = _Recorder(chain)
    recorder.open(model, {"training": False}, chain.positions.shape)
    used = chain.used()
    return chain.finish([variable.path for variable in model.trainable_variables if id(variable) not in used])


def _build(model: "keras.Model", shape: Shape) -> None:
    try:
        model(np.zeros(shape, model.compute_dtype), training=False)
    except Exception as error:
        raise TraceError(f"{model.name} fails on an input of shape {shape}: {error}") from error


def _input_shape(model: "keras.Model", channels_last: bool) -> Shape:
    inputs: Any = getattr(model, "inputs", None) or ()
    if len(inputs) != 1 or None in inputs[0].shape[1:]:
        raise TraceError(f"{model.name} does not have one input of a fixed shape: give the shape of one example")
    shape: Shape = tuple(inputs[0].shape[1:])
    return shape if channels_last or len(shape) < 3 else (*shape[1:], shape[0])


class _Recorder:
    """Turns each operation of a Keras graph into a layer of the chain."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain

    def open(self, operation: Any, call: Mapping[str, Any], shape: Shape) -> None:
        """Record what is inside a model or a layer, called on values of ``shape`` with the arguments ``call``."""
        import keras

        if isinstance(operation, keras.Sequential) or getattr(operation, "_is_graph_network", False):
            source, result = operation.inputs, operation.outputs
        else:
            example = keras.Input(shape, dtype=getattr(operation, "input_dtype", None))
            source, result = [example], [_call(operation, example, call)]
        if len(source) != 1 or len(result) != 1 or not hasattr(result[0], "_keras_history"):
            raise TraceError(f"{operation.name} does not have one input and one output")
        for inner, node in _path(source[0], result[0], operation.name):
            arguments = node.arguments.kwargs
            if call.get("training") is not None and "training" not in arguments:
                arguments = {**arguments, "training": call["training"]}
            self._record(inner, node, arguments)
            self.chain.confirm(node.output_tensors[0].shape[1:], inner.name)

    def _record(self, operation: Any, node: Any, call: Mapping[str, Any]) -> None:
        import keras

        kind = type(operation).__name__
        ours = type(operation).__module__.startswith("keras.")
        handler: Callable[..., None] | None = getattr(self, f"read_{kind.lower()}", None) if ours else None
        if kind in REARRANGEMENTS and ours:
            self.chain.rearranged(_rearrange(operation, node, self.chain.two_examples()), operation.name)
        elif kind in ELEMENTWISE and ours:
            self._check_plain(operation)
            self.chain.activation(ELEMENTWISE[kind], operation.name)
        elif kind in SOFTMAX and ours:
            self.chain.activation(SOFTMAX[kind], operation.name, self._sample_axis(operation.axis, operation.name))
        elif handler is not None:
            handler(operation, node, call)
        elif isinstance(operation, keras.Layer) and (operation._layers or not ours):
            self.open(operation, call, tuple(node.input_tensors[0].shape[1:]))
        elif not (kind in SAME_VALUES and ours):
            raise TraceError(f"{operation.name} ({kind}) is not one of the layers that can be described")

    # One method for each kind of layer, named as Keras does.

    def read_conv2d(self, layer: Any, node: Any, call: Any) -> None:
        if tuple(layer.dilation_rate) != (1, 1) or layer.groups != 1:
            raise TraceError(
                f"{layer.name} has dilation {layer.dilation_rate} and {layer.groups} groups: "
                "only 1 and 1 can be described"
            )
        self.chain.convolution(
            KerasParameter(layer._kernel),
            (0, 1, 2, 3),
            _optional(layer.bias),
            strides=tuple(layer.strides),
            padding=_padding(layer.padding, layer.name),
            channel_axis=_channels(layer),
            label=layer.name,
        )
        self._activation_of(layer)

    def read_dense(self, layer: Any, node: Any, call: Any) -> None:
        self.chain.dense(KerasParameter(layer._kernel), (0, 1), _optional(layer.bias), layer.name)
        self._activation_of(layer)

    def read_matmul(self, operation: Any, node: Any, call: Any) -> None:
        self.chain.dense(KerasParameter(_other_operand(node, operation)), (0, 1), None, operation.name)

    def read_add(self, operation: Any, node: Any, call: Any) -> None:
        self.chain.add_bias(KerasParameter(_other_operand(node, operation)), operation.name)

    def read_batchnormalization(self, layer: Any, node: Any, call: Mapping[str, Any]) -> None:
        if call.get("training"):
            raise TraceError(f"{layer.name} normalizes by the batch in evaluation mode too")
        self.chain.batch_normalization(
            scale=_optional(layer.gamma),
            shift=_optional(layer.beta),
            mean=KerasParameter(layer.moving_mean),
            variance=KerasParameter(layer.moving_variance),
            epsilon=layer.epsilon,
            momentum=layer.momentum,
            channel_axis=self._sample_axis(layer.axis, layer.name),
            label=layer.name,
        )

    def read_maxpooling2d(self, layer: Any, node: Any, call: Any) -> None:
        self._pooling("maximum", layer)

    def read_averagepooling2d(self, layer: Any, node: Any, call: Any) -> None:
        self._pooling("average", layer)

    def _pooling(self, reduction: Literal["maximum", "average"], layer: Any) -> None:
        self.chain.pooling(
            reduction,
            size=tuple(layer.pool_size),
            strides=tuple(layer.strides),
            padding=_padding(layer.padding, layer.name),
            padding_counts=False,
            channel_axis=_channels(layer),
            label=layer.name,
        )

    def read_zeropadding2d(self, layer: Any, node: Any, call: Any) -> None:
        above_below, left_right = layer.padding
        self.chain.zero_padding((tuple(above_below), tuple(left_right)), _channels(layer), layer.name)

    def read_dropout(self, layer: Any, node: Any, call: Mapping[str, Any]) -> None:
        self.chain.dropout(layer.rate, bool(call.get("training")), layer.name)

    def read_spatialdropout2d(self, layer: Any, node: Any, call: Mapping[str, Any]) -> None:
        self.chain.channel_dropout(layer.rate, bool(call.get("training")), _channels(layer), layer.name)

    def read_activation(self, layer: Any, node: Any, call: Any) -> None:
        self._activation_of(layer)

    def _activation_of(self, layer: Any) -> None:
        """Add the activation that a layer applies to its own output, if any."""
        import keras

        functions: tuple[Function, ...] = ("relu", "sigmoid", "tanh", "softmax", "log_softmax")
        known = {getattr(module, name): name for module in (keras.activations, keras.ops) for name in functions}
        if layer.activation is None or layer.activation is keras.activations.linear:
            return
        if isinstance(layer.activation, keras.Layer) or layer.activation not in known:
            raise TraceError(
                f"{layer.name} has the activation {layer.activation}: only {', '.join(functions)} are known"
            )
        name = known[layer.activation]
        self.chain.activation(name, layer.name, -1 if name in SOFTMAX.values() else None)

    def _check_plain(self, layer: Any) -> None:
        """A ReLU layer may also leak, saturate or start elsewhere."""
        if getattr(layer, "negative_slope", 0) or getattr(layer, "threshold", 0) or getattr(layer, "max_value", None):
            raise TraceError(f"{layer.name} is not a plain ReLU")

    def _sample_axis(self, axis: Any, label: str) -> int:
        """Return ``axis`` counted without the axis of the examples."""
        axes = self.chain.positions.ndim + 1
        if not isinstance(axis, int) or axis % axes == 0:
            raise TraceError(f"{label} works along axis {axis}, so its results depend on the other examples")
        return axis % axes - 1


def _path(source: Any, result: Any, label: str) -> list[tuple[Any, Any]]:
    """Return the operations from ``source`` to ``result`` in order, each with the node of this use of it."""
    path: list[tuple[Any, Any]] = []
    tensor = result
    while tensor is not source:
        operation, number, _ = tensor._keras_history
        node = operation._inbound_nodes[number]
        if len(node.input_tensors) != 1:
            raise TraceError(
                f"{operation.name} in {label} takes {len(node.input_tensors)} values: only chains of layers can be "
                "described"
            )
        path.append((operation, node))
        tensor = node.input_tensors[0]
    return path[::-1]


def _call(operation: Any, example: Any, call: Mapping[str, Any]) -> Any:
    known = signature(operation.call).parameters
    try:
        return operation.call(example, **{name: value for name, value in call.items() if name in known})
    except Exception as error:
        raise TraceError(
            f"{operation.name} ({type(operation).__name__}) cannot be opened: its call does not work on a symbolic "
            f"tensor, on which layers and keras.ops work. {type(error).__name__}: {error}"
        ) from error


def _rearrange(operation: Any, node: Any, two_examples: np.ndarray) -> np.ndarray:
    def replaced(value: Any) -> Any:
        return two_examples if value is node.input_tensors[0] else value

    # a node also remembers "training" and "mask", which only some operations take
    known = signature(operation.call).parameters
    arguments = [replaced(value) for value in node.arguments.args]
    named = {key: replaced(value) for key, value in node.arguments.kwargs.items() if key in known}
    return np.array(operation.call(*arguments, **named))


def _other_operand(node: Any, operation: Any) -> Any:
    """Return the variable that an operation on two operands combines the network's values with."""
    import keras

    others = [value for value in node.arguments.args if value is not node.input_tensors[0]]
    if len(others) != 1 or not isinstance(others[0], keras.Variable):
        raise TraceError(f"{operation.name} combines the values with something that is not a variable of the network")
    return others[0]


def _optional(variable: Any) -> KerasParameter | None:
    return None if variable is None else KerasParameter(variable)


def _channels(layer: Any) -> int:
    return 0 if layer.data_format == "channels_first" else CHANNELS


def _padding(padding: str, label: str) -> Padding | Literal["same"]:
    if padding == "same":
        return "same"
    if padding == "valid":
        return NO_PADDING
    raise TraceError(f"{label} has the padding {padding!r}, which is not known")
