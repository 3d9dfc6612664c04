"""Makes a live Keras model of a described network, so that the trusted side can train it. No student code runs."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.oracle.rebuilding import CannotRebuild
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
    title,
)

if TYPE_CHECKING:
    import keras


def rebuild(network: Network, like: "keras.Model") -> "keras.Sequential":
    """Return ``network`` as a model that takes images (N, height, width, channels), with its arrays, in float32.

    Its kernels have the regularizers of those of ``like``, the network of the reference, paired in the order of the
    data.

    Raises:
        CannotRebuild: it has a layer that Keras has no like of.
    """
    import keras
    from keras import layers

    with_kernel = (layers.Conv2D, layers.Dense)
    regularizers = iter([layer.kernel_regularizer for layer in like.layers if isinstance(layer, with_kernel)])
    image_shape = like.input_shape[1:]
    model = keras.Sequential([keras.Input(image_shape)])
    if image_shape != network.input_shape:
        model.add(layers.Reshape(network.input_shape))
    for described in network.layers:
        for layer in _layers(described):
            if isinstance(layer, with_kernel):
                layer.kernel_regularizer = next(regularizers, None)
            model.add(layer)
            if layer.weights:
                layer.set_weights(_arrays(described))
    return model


def _layers(layer: Layer) -> "Iterator[keras.Layer]":
    from keras import layers

    match layer:
        case Convolution():
            rows, columns, _, count = layer.kernel.shape
            yield from _padding(layer.padding, 0.0)
            yield layers.Conv2D(count, (rows, columns), strides=layer.strides, use_bias=layer.bias is not None)
        case Dense():
            yield layers.Dense(layer.kernel.shape[1], use_bias=layer.bias is not None)
        case BatchNormalization():
            yield layers.BatchNormalization(
                momentum=layer.momentum,
                epsilon=layer.epsilon,
                scale=layer.scale is not None,
                center=layer.shift is not None,
            )
        case Pooling(reduction="maximum"):
            yield from _padding(layer.padding, float("-inf"))
            yield layers.MaxPooling2D(layer.size, layer.strides)
        case Pooling():
            pool = layers.AveragePooling2D(layer.size, layer.strides)
            if layer.padding == NO_PADDING or layer.padding_counts:
                yield from _padding(layer.padding, 0.0)
                yield pool
            else:
                yield layers.Lambda(partial(_averaged, layer.padding, pool))
        case ZeroPadding():
            yield from _padding(layer.padding, 0.0)
        case Activation():
            yield layers.Activation(layer.function)
        case Dropout():
            dropout = (layers.SpatialDropout2D if layer.whole_channels else layers.Dropout)(layer.rate)
            yield layers.Lambda(partial(_dropped, dropout)) if layer.always else dropout
        case Flatten():
            yield layers.Flatten()
        case Reshape():
            yield layers.Reshape(layer.shape)
        case _:
            raise CannotRebuild(f"there is no {title(layer)} in Keras")


def _padding(padding: Padding, value: float) -> "Iterator[keras.Layer]":
    from keras import layers

    if padding != NO_PADDING:
        yield layers.Lambda(partial(_padded, padding, value))


def _arrays(layer: Layer) -> list[np.ndarray]:
    """The order of a description is Keras' own."""
    return [np.asarray(array, np.float32) for array in layer.arrays.values()]


def _padded(padding: Padding, value: float, maps: Any) -> Any:
    from keras import ops

    return ops.pad(maps, ((0, 0), *padding, (0, 0)), constant_values=value)


def _averaged(padding: Padding, pool: Any, maps: Any) -> Any:
    """The average of each window without what was padded."""
    from keras import ops

    return pool(_padded(padding, 0.0, maps)) / pool(_padded(padding, 0.0, ops.ones_like(maps[:1])))


def _dropped(dropout: Any, values: Any) -> Any:
    return dropout(values, training=True)
