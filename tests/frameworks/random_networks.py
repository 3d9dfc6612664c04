"""Small networks made up by hypothesis, written down once and built in PyTorch and in Keras."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import strategies as st

from grader.transplant.architecture import array_shapes, draw_arrays
from grader.transplant.transplant import trace, transplant


@dataclass(frozen=True)
class Conv:
    channels: int
    size: tuple
    stride: tuple
    same: bool
    bias: bool


@dataclass(frozen=True)
class Pool:
    kind: str
    size: tuple
    stride: tuple


@dataclass(frozen=True)
class Norm:
    epsilon: float
    affine: bool


@dataclass(frozen=True)
class Act:
    function: str


@dataclass(frozen=True)
class Drop:
    rate: float


@dataclass(frozen=True)
class Dense:
    units: int
    bias: bool


@dataclass(frozen=True)
class Spec:
    """``on_map`` works on maps, then comes a flatten, then ``on_vector`` and a dense layer with ``classes`` outputs."""

    input_shape: tuple
    on_map: tuple
    on_vector: tuple
    classes: int
    seed: int


def pairs(low, high):
    return st.tuples(st.integers(low, high), st.integers(low, high))


NORM = st.builds(Norm, st.sampled_from([1e-3, 1e-5]), st.booleans())
ELEMENTWISE = st.one_of(
    st.builds(Act, st.sampled_from(["relu", "tanh", "sigmoid"])), NORM, st.builds(Drop, st.just(0.5))
)
ON_MAP = st.one_of(
    st.builds(Conv, st.integers(1, 4), pairs(1, 3), pairs(1, 2), st.booleans(), st.booleans()),
    st.builds(Pool, st.sampled_from(["max", "average"]), pairs(1, 3), pairs(1, 3)),
    ELEMENTWISE,
)
ON_VECTOR = st.one_of(st.builds(Dense, st.integers(1, 6), st.booleans()), ELEMENTWISE)


def _after(layer, shape):
    """The size of a map after a layer; zero or less where the layer does not fit."""
    if not isinstance(layer, Conv | Pool):
        return shape
    same = isinstance(layer, Conv) and layer.same
    sides = [-(-n // s) if same else (n - k) // s + 1 for n, k, s in zip(shape, layer.size, layer.stride, strict=True)]
    return tuple(sides)


def _both_squash(last, layer):
    """Two activations in a row leave so little of the values that a batch norm after them magnifies rounding."""
    return isinstance(layer, Act) and any(isinstance(before, Act) for before in last)


@st.composite
def specs(draw):
    height, width, channels = draw(st.integers(3, 9)), draw(st.integers(3, 9)), draw(st.integers(1, 3))
    on_map, shape = [], (height, width)
    for layer in draw(st.lists(ON_MAP, max_size=5)):
        after = _after(layer, shape)
        if min(after) > 0 and not _both_squash(on_map[-1:], layer):
            on_map.append(layer)
            shape = after
    on_vector = []
    for layer in draw(st.lists(ON_VECTOR, max_size=3)):
        if not _both_squash([*on_map, *on_vector][-1:], layer):
            on_vector.append(layer)
    classes, seed = draw(st.integers(2, 5)), draw(st.integers(0, 2**32 - 1))
    return Spec((height, width, channels), tuple(on_map), tuple(on_vector), classes, seed)


def build_torch(spec, dtype="float32"):
    """Build a ``Sequential``. "Same" with a stride is written as a padding before the convolution."""
    from torch import nn

    from grader.transplant.architecture import same_padding

    modules, shape, channels = [], spec.input_shape[:2], spec.input_shape[2]
    for layer in spec.on_map:
        match layer:
            case Conv():
                if layer.same:
                    (top, bottom), (left, right) = same_padding(shape, layer.size, layer.stride)
                    modules.append(nn.ZeroPad2d((left, right, top, bottom)))
                modules.append(nn.Conv2d(channels, layer.channels, layer.size, layer.stride, bias=layer.bias))
                channels = layer.channels
            case Pool(kind="max"):
                modules.append(nn.MaxPool2d(layer.size, layer.stride))
            case Pool():
                modules.append(nn.AvgPool2d(layer.size, layer.stride))
            case Norm():
                modules.append(nn.BatchNorm2d(channels, eps=layer.epsilon, momentum=0.01, affine=layer.affine))
            case _:
                modules.append(_torch_elementwise(layer))
        shape = _after(layer, shape)
    modules.append(nn.Flatten())
    values = shape[0] * shape[1] * channels
    for layer in (*spec.on_vector, Dense(spec.classes, bias=True)):
        match layer:
            case Dense():
                modules.append(nn.Linear(values, layer.units, bias=layer.bias))
                values = layer.units
            case Norm():
                modules.append(nn.BatchNorm1d(values, eps=layer.epsilon, momentum=0.01, affine=layer.affine))
            case _:
                modules.append(_torch_elementwise(layer))
    network = nn.Sequential(*modules)
    return network.double() if dtype == "float64" else network


def _torch_elementwise(layer):
    from torch import nn

    if isinstance(layer, Drop):
        return nn.Dropout(layer.rate)
    return {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}[layer.function]()


def build_keras(spec, dtype="float32"):
    import keras
    from keras import layers

    def make(layer):
        match layer:
            case Conv():
                padding = "same" if layer.same else "valid"
                return layers.Conv2D(
                    layer.channels, layer.size, layer.stride, padding, use_bias=layer.bias, dtype=dtype
                )
            case Pool(kind="max"):
                return layers.MaxPooling2D(layer.size, layer.stride, dtype=dtype)
            case Pool():
                return layers.AveragePooling2D(layer.size, layer.stride, dtype=dtype)
            case Norm():
                return layers.BatchNormalization(
                    epsilon=layer.epsilon, scale=layer.affine, center=layer.affine, dtype=dtype
                )
            case Act():
                return layers.Activation(layer.function, dtype=dtype)
            case Drop():
                return layers.Dropout(layer.rate, dtype=dtype)
        return layers.Dense(layer.units, use_bias=layer.bias, dtype=dtype)

    return keras.Sequential(
        [
            keras.Input(spec.input_shape, dtype=dtype),
            *map(make, spec.on_map),
            layers.Flatten(dtype=dtype),
            *map(make, (*spec.on_vector, Dense(spec.classes, bias=True))),
        ]
    )


class Torch:
    """A live PyTorch network with its description. Examples go in and results come out channels last."""

    def __init__(self, network, input_shape):
        self.network = network
        self.traced = trace(network, input_shape)

    def outputs(self, inputs):
        import torch

        self.network.eval()
        with torch.no_grad():
            native = self.network(torch.from_numpy(self.traced.native_inputs(inputs)))
        return self.traced.neutral_outputs(native.numpy())

    def gradients(self, inputs, classes, training=False):
        """Return the mean cross-entropy and its gradients, in the layout of the description.

        In training batch norm uses the batch; dropout stays off, because no two frameworks draw alike.
        """
        import torch
        from torch import nn

        self.network.train(training)
        for module in self.network.modules():
            if isinstance(module, nn.Dropout):
                module.eval()
        self.network.zero_grad()
        logits = self.network(torch.from_numpy(self.traced.native_inputs(inputs)))
        loss = nn.functional.cross_entropy(logits.reshape(len(inputs), -1), torch.from_numpy(classes))
        loss.backward()
        return loss.item(), self.traced.collect(lambda parameter: _numpy(parameter.grad))


class Keras:
    """A live Keras network with its description. The methods are those of :class:`Torch`."""

    def __init__(self, network, input_shape=None):
        self.network = network
        self.traced = trace(network, input_shape)

    def outputs(self, inputs):
        native = self.network(self.traced.native_inputs(inputs), training=False)
        return self.traced.neutral_outputs(np.asarray(native))

    def gradients(self, inputs, classes, training=False):
        import keras
        import tensorflow as tf

        rates = {layer: layer.rate for layer in self.network.layers if isinstance(layer, keras.layers.Dropout)}
        for layer in rates:
            layer.rate = 0.0
        with tf.GradientTape() as tape:
            logits = self.network(self.traced.native_inputs(inputs), training=training)
            logits = tf.reshape(logits, (len(inputs), -1))
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(classes, logits))
        variables = self.network.trainable_variables
        found = tape.gradient(loss, [variable.value for variable in variables])
        by_identity = {id(variable): gradient.numpy() for variable, gradient in zip(variables, found, strict=True)}
        for layer, rate in rates.items():
            layer.rate = rate
        return float(loss), self.traced.collect(lambda variable: by_identity.get(id(variable)))


def _numpy(gradient):
    return None if gradient is None else gradient.numpy()


FRAMEWORKS = {"torch": (Torch, build_torch), "keras": (Keras, build_keras)}


def build(framework, spec, dtype="float32"):
    live, builder = FRAMEWORKS[framework]
    return live(builder(spec, dtype), spec.input_shape)


def with_random_weights(live, seed):
    """Draw every array of a live network anew, biases and running statistics included."""
    transplant(draw_arrays(live.traced.network, np.random.default_rng(seed)), live.traced)
    return live


def summary(network):
    """A network as plain values, without labels and the values of its arrays."""
    rows = []
    for layer, shape in zip(network.layers, network.shapes, strict=True):
        settings_ = {
            name: getattr(layer, name) for name in layer.__struct_fields__ if name not in {"label", *layer.ARRAYS}
        }
        settings_ = {n: pytest.approx(v) if isinstance(v, float) else v for n, v in settings_.items()}
        rows.append((type(layer).__name__, settings_, array_shapes(layer.arrays), shape))
    return network.input_shape, rows
