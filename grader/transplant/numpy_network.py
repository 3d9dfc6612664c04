"""Computes a described network in NumPy, with the layers of a course's own NumPy reference."""

from typing import Any, Protocol

import numpy as np

from grader.transplant.architecture import (
    NO_PADDING,
    Activation,
    BatchNormalization,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    Layer,
    Network,
    Padding,
    Pooling,
    Reshape,
    ZeroPadding,
)


class NumpyLayers(Protocol):
    """The functions that a NumPy reference offers, such as ``reference/cnn_in_numpy/oracle_numpy.py`` as a module.

    Maps are (N, height, width, channels), vectors (N, values). Padding is "valid": other padding is added before.
    """

    convolution: Any
    """``convolution(X, kernel, bias, stride)``, kernel (height, width, in, out), stride (down, across)"""
    max_pooling: Any
    """``max_pooling(X, size, stride)``"""
    average_pooling: Any
    """``average_pooling(X, size, stride)``"""
    relu: Any
    softmax: Any
    flatten: Any
    dense: Any
    """``dense(X, kernel, bias)``, kernel (in, out)"""
    batch_normalization: Any
    """``batch_normalization(X, scale, shift, mean, variance, epsilon)``, with running mean and variance"""


def layer_outputs(network: Network, inputs: np.ndarray, layers: NumpyLayers) -> tuple[np.ndarray, ...]:
    """Compute what every layer of ``network`` gives, in evaluation mode.

    Args:
        network: the description, with its arrays.
        inputs: (N, *network.input_shape). The results have the data type that NumPy makes of it and the arrays'.
        layers: the functions to compute with.

    Returns:
        For each layer an array (N, *shape), the last being the network's output.

    Raises:
        ValueError: ``inputs`` has another shape than the network takes, or a dropout is active in evaluation.
    """
    if inputs.shape[1:] != network.input_shape:
        raise ValueError(f"the network takes examples of shape {network.input_shape}, not {inputs.shape[1:]}")
    outputs: list[np.ndarray] = []
    for layer in network.layers:
        outputs.append(_output(layer, outputs[-1] if outputs else inputs, layers))
    return tuple(outputs)


def _output(layer: Layer, values: np.ndarray, layers: NumpyLayers) -> np.ndarray:
    result: np.ndarray = values
    match layer:
        case Convolution():
            bias = np.zeros(layer.kernel.shape[-1], layer.kernel.dtype) if layer.bias is None else layer.bias
            result = layers.convolution(_padded(values, layer.padding, 0), layer.kernel, bias, layer.strides)
        case Dense():
            bias = np.zeros(layer.kernel.shape[-1], layer.kernel.dtype) if layer.bias is None else layer.bias
            result = layers.dense(values, layer.kernel, bias)
        case BatchNormalization():
            scale = np.ones_like(layer.mean) if layer.scale is None else layer.scale
            shift = np.zeros_like(layer.mean) if layer.shift is None else layer.shift
            result = layers.batch_normalization(values, scale, shift, layer.mean, layer.variance, layer.epsilon)
        case Pooling(reduction="maximum"):
            result = layers.max_pooling(_padded(values, layer.padding, -np.inf), layer.size, layer.strides)
        case Pooling():
            result = layers.average_pooling(_padded(values, layer.padding, 0), layer.size, layer.strides)
            if not layer.padding_counts and layer.padding != NO_PADDING:
                present = _padded(np.ones_like(values[:1]), layer.padding, 0)
                result = result / layers.average_pooling(present, layer.size, layer.strides)
        case ZeroPadding():
            result = _padded(values, layer.padding, 0)
        case Activation():
            result = _activation(layer.function, values, layers)
        case Dropout(always=True):
            raise ValueError(f"the dropout {layer.label} is active in evaluation, so its output is random")
        case Flatten():
            result = layers.flatten(values)
        case Reshape():
            result = values.reshape(len(values), *layer.shape)
    return result


def _activation(function: str, values: np.ndarray, layers: NumpyLayers) -> np.ndarray:
    result: np.ndarray
    match function:
        case "relu":
            result = layers.relu(values)
        case "softmax":
            result = layers.softmax(values)
        case "log_softmax":
            shifted = values - values.max(axis=-1, keepdims=True)
            result = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
        case "tanh":
            result = np.tanh(values)
        case _:
            result = 0.5 * (1 + np.tanh(0.5 * values))  # the logistic function, without overflow
    return result


def _padded(values: np.ndarray, padding: Padding, with_value: float) -> np.ndarray:
    if padding == NO_PADDING:
        return values
    return np.pad(values, ((0, 0), *padding, (0, 0)), constant_values=with_value)
