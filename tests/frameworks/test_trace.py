"""Every way to write a network is understood, or refused with a reason; and tracing changes nothing."""

import numpy as np
import pytest

from grader.transplant import portable
from grader.transplant.architecture import Dropout
from grader.transplant.trace_keras import trace_keras
from grader.transplant.trace_torch import trace_torch
from grader.transplant.traced import TraceError
from grader.transplant.transplant import trace, transplant
from tests.frameworks.random_networks import Keras, Torch, summary, with_random_weights

torch = pytest.importorskip("torch")
keras = pytest.importorskip("keras")

from keras import layers  # noqa: E402 - only where Keras is installed
from torch import nn  # noqa: E402

# --- one network, many writings ---------------------------------------------------------------------------------------


class LenetSubclass(nn.Module):
    """Defined in another order than it runs, activations and flatten as functions and methods."""

    def __init__(self):
        super().__init__()
        self.last = nn.Linear(7, 4)
        self.hidden = nn.Linear(2 * 3 * 5, 7)
        self.b = nn.Conv2d(3, 5, 3)
        self.norm = nn.BatchNorm2d(3, eps=1e-3)
        self.a = nn.Conv2d(1, 3, (3, 2), padding="valid")

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.norm(self.a(x))), 2)
        x = self.b(x).relu()
        x = x.view(x.size(0), -1)
        return self.last(nn.functional.relu(self.hidden(x), inplace=True))


def lenet_sequential():
    return nn.Sequential(
        nn.Conv2d(1, 3, (3, 2)),
        nn.BatchNorm2d(3, eps=1e-3),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Conv2d(3, 5, 3),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(30, 7),
        nn.ReLU(),
        nn.Linear(7, 4),
    )


class LenetChannelsLastFlatten(LenetSubclass):
    """Flattens the map in Keras' order."""

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.norm(self.a(x))), 2)
        x = torch.flatten(self.b(x).relu().permute(0, 2, 3, 1), start_dim=1)
        return self.last(nn.functional.relu(self.hidden(x)))


class LenetAllConvolution(nn.Module):
    """The dense layers as convolutions, with one place each."""

    def __init__(self):
        super().__init__()
        self.features = lenet_sequential()[:6]
        self.classifier = nn.Sequential(nn.Conv2d(5, 7, (2, 3)), nn.ReLU(), nn.Conv2d(7, 4, 1))

    def forward(self, x):
        return self.classifier(self.features(x)).squeeze(-1).squeeze(-1)


class LenetByHand(nn.Module):
    """The last layer as a matrix product and a sum."""

    def __init__(self):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(4))
        self.weight = nn.Parameter(torch.zeros(7, 4))
        self.first = lenet_sequential()[:9]

    def forward(self, x):
        return self.first(x) @ self.weight + self.bias


TORCH_WRITINGS = [lenet_sequential, LenetSubclass, LenetChannelsLastFlatten, LenetAllConvolution, LenetByHand]


def keras_sequential():
    return keras.Sequential(
        [
            keras.Input((10, 11, 1)),
            layers.Conv2D(3, (3, 2)),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.MaxPooling2D(),
            layers.Conv2D(5, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(7, activation="relu"),
            layers.Dense(4),
        ]
    )


def keras_functional():
    last, hidden = layers.Dense(4), layers.Dense(7)
    inputs = keras.Input((10, 11, 1))
    values = layers.BatchNormalization()(layers.Conv2D(3, (3, 2))(inputs))
    values = layers.MaxPooling2D()(keras.ops.relu(values))
    values = layers.Activation(keras.activations.relu)(layers.Conv2D(5, 3)(values))
    values = keras.ops.reshape(values, (-1, 30))
    return keras.Model(inputs, last(keras.activations.relu(hidden(values))))


def keras_nested():
    return keras.Sequential([keras.Input((10, 11, 1)), keras.Sequential(keras_sequential().layers[:6]), KerasHead()])


class KerasHead(layers.Layer):
    """A layer that contains others."""

    def __init__(self):
        super().__init__()
        self.last, self.hidden = layers.Dense(4), layers.Dense(7)

    def call(self, values, training=False):
        return self.last(keras.ops.relu(self.hidden(layers.Reshape((30,))(values))))


class KerasSubclass(keras.Model):
    """Defined in another order than it runs."""

    def __init__(self):
        super().__init__()
        self.last, self.hidden = layers.Dense(4), layers.Dense(7, activation="relu")
        self.flatten, self.pool = layers.Flatten(), layers.MaxPooling2D()
        self.b, self.a = layers.Conv2D(5, 3, activation="relu"), layers.Conv2D(3, (3, 2))
        self.norm = layers.BatchNormalization()
        self.dropout = layers.Dropout(0.5)

    def call(self, images, training=False):
        values = keras.ops.relu(self.norm(self.a(images), training=training))
        values = self.dropout(self.flatten(self.b(self.pool(values))), training=training)
        return self.last(self.hidden(values))


def keras_all_convolution():
    """The dense layers as convolutions, and one as a dense layer on a map with one place."""
    return keras.Sequential(
        [*keras_sequential().layers[:5], layers.Conv2D(7, (2, 3), activation="relu"), layers.Dense(4)]
    )


class KerasByHand(keras.Model):
    """The last layer as a matrix product and a sum."""

    def __init__(self):
        super().__init__()
        self.weight, self.shift = self.add_weight(shape=(7, 4)), self.add_weight(shape=(4,))
        self.first = keras.Sequential(keras_sequential().layers[:7])

    def call(self, images):
        return keras.ops.add(keras.ops.matmul(self.first(images), self.weight), self.shift)


KERAS_WRITINGS = [
    keras_sequential,
    keras_functional,
    keras_nested,
    KerasSubclass,
    keras_all_convolution,
    KerasByHand,
]


def live(write):
    network = write()
    return (Torch if isinstance(network, nn.Module) else Keras)(network, (10, 11, 1))


@pytest.mark.parametrize("write", [*TORCH_WRITINGS, *KERAS_WRITINGS], ids=lambda write: write.__name__)
def test_every_writing_of_a_network_takes_its_weights_and_gives_them(write):
    inputs = np.random.default_rng(3).normal(size=(6, 10, 11, 1)).astype(np.float32)
    original, copy, back = live(lenet_sequential), live(write), live(keras_sequential)
    with_random_weights(original, seed=4)

    transplant(original.traced.current(), copy.traced)
    transplant(copy.traced.current(), back.traced)

    expected = original.outputs(inputs)
    assert np.ptp(expected) > 0.1
    for other in (copy, back):
        np.testing.assert_allclose(other.outputs(inputs).reshape(6, 4), expected, atol=1e-5)


def test_dense_layers_on_every_place_of_a_map_are_convolutions():
    theirs = with_random_weights(
        Keras(keras.Sequential([keras.Input((4, 5, 3)), layers.Dense(6, activation="softmax"), layers.Dense(2)])), 5
    )
    ours = Torch(nn.Sequential(nn.Conv2d(3, 6, 1), nn.Softmax(dim=1), nn.Conv2d(6, 2, 1)), (4, 5, 3))
    inputs = np.random.default_rng(6).normal(size=(2, 4, 5, 3)).astype(np.float32)

    transplant(theirs.traced.current(), ours.traced)

    assert ours.outputs(inputs).shape == (2, 4, 5, 2)
    np.testing.assert_allclose(ours.outputs(inputs), theirs.outputs(inputs), atol=1e-6)


def test_batch_norm_of_flattened_maps_follows_the_order_of_the_flatten():
    ours = Torch(nn.Sequential(nn.Flatten(), nn.BatchNorm1d(24, eps=1e-3), nn.Linear(24, 3)), (3, 4, 2))
    theirs = Keras(
        keras.Sequential([keras.Input((3, 4, 2)), layers.Flatten(), layers.BatchNormalization(), layers.Dense(3)])
    )
    inputs = np.random.default_rng(7).normal(size=(5, 3, 4, 2)).astype(np.float32)

    transplant(with_random_weights(ours, 8).traced.current(), theirs.traced)

    np.testing.assert_allclose(ours.outputs(inputs), theirs.outputs(inputs), atol=1e-5)


@pytest.mark.parametrize("shape", [(6, 7), (42,), (6, 7, 1)])
def test_images_may_come_with_or_without_channels_or_as_vectors(shape):
    class Reshaping(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.dense = nn.Conv2d(1, 2, 3), nn.Linear(2 * 4 * 5, 3)

        def forward(self, x):
            return self.dense(self.conv(x.reshape(-1, 1, 6, 7)).flatten(1))

    ours = with_random_weights(Torch(Reshaping(), shape), 9)
    theirs = Keras(keras.Sequential([keras.Input((6, 7, 1)), layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(3)]))
    inputs = np.random.default_rng(10).normal(size=(5, 6, 7, 1)).astype(np.float32)

    transplant(ours.traced.current(), theirs.traced)

    ours_in = inputs.reshape(5, *ours.traced.network.input_shape)
    np.testing.assert_allclose(ours.outputs(ours_in), theirs.outputs(inputs), atol=1e-5)


def test_a_network_that_takes_its_images_channels_last():
    class Permuting(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 2, 3)

        def forward(self, x):
            return self.conv(x.permute(0, 3, 1, 2))

    traced = trace_torch(Permuting(), (6, 7, 3), channels_last=True)

    assert traced.network.output_shape == (4, 5, 2)
    inputs = np.zeros((1, 6, 7, 3))
    assert traced.native_inputs(inputs).shape == (1, 6, 7, 3)


def test_keras_layers_that_only_move_values_are_not_told_of_training():
    """Where a model is opened, its nodes are given the argument ``training``, and Reshape does not take it."""
    inputs = values = keras.Input((5, 5, 2))
    values = layers.Dropout(0.5)(layers.Conv2D(3, 5)(values))
    model = keras.Model(inputs, layers.Reshape((4,))(layers.Dense(4)(values)))
    traced = trace_keras(model)
    X = np.random.default_rng(0).normal(size=(3, 5, 5, 2)).astype(np.float32)
    assert traced.network.output_shape == (4,)
    assert np.asarray(model(X)).shape == (3, 4)


def test_keras_networks_channels_first_have_the_same_description():
    network = keras.Sequential(
        [
            keras.Input((2, 6, 7)),
            layers.ZeroPadding2D(((1, 0), (0, 2)), data_format="channels_first"),
            layers.Conv2D(3, 2, data_format="channels_first"),
            layers.BatchNormalization(axis=1),
            layers.Softmax(axis=1),
            layers.MaxPooling2D(2, data_format="channels_first"),
            layers.Flatten(data_format="channels_first"),
            layers.Dense(4),
        ]
    )
    described = trace_keras(network, channels_last=False).network
    ours = nn.Sequential(
        nn.ZeroPad2d((0, 2, 1, 0)),
        nn.Conv2d(2, 3, 2),
        nn.BatchNorm2d(3, eps=1e-3, momentum=0.01),
        nn.Softmax(dim=1),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(3 * 3 * 4, 4),
    )

    assert summary(described) == summary(trace(ours, (6, 7, 2)).network)


@pytest.mark.parametrize("relu", [lambda x: x.clamp(min=0), lambda x: x.clamp_min(0), lambda x: torch.clamp(x, 0)])
def test_a_lower_limit_of_zero_is_relu(relu):
    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(3, 4), nn.Linear(4, 2)

        def forward(self, x):
            return self.b(relu(self.a(x)))

    plain = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    assert summary(trace(Network(), (3,)).network) == summary(trace(plain, (3,)).network)


# --- networks that cannot be described --------------------------------------------------------------------------------


class Calling(nn.Module):
    """Calls a function on the input of a small network."""

    def __init__(self, function):
        super().__init__()
        self.function = function
        self.dense = nn.Linear(6, 6)

    def forward(self, x):
        return self.function(self, x)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (
            lambda m, x: x + m.dense(x),
            r"add combines values of the network with each other, or uses one from before the last layer: only chains",
        ),
        (lambda _, x: torch.cat([x, x]), r"cat combines values of the network"),
        (lambda m, x: m.dense(x).clamp(0, 6), r"clamp limits values to 0..6"),
        (lambda m, x: nn.functional.gelu(m.dense(x)), r"gelu is not one of the layers that can be described"),
        (lambda _, x: torch.softmax(x, dim=0), r"softmax sums over dimension 0, so its results depend on the other"),
        (lambda _, x: x.reshape(-1), r"reshape mixes the values of different examples"),
        (lambda m, x: nn.functional.linear(x, 2 * m.dense.weight), r"linear uses weights that are not a parameter"),
        (lambda _, x: x + 1, r"add uses weights that are not a parameter"),
        (lambda m, x: x + m.dense.bias, r"add adds a parameter to something other than a dense layer without a bias"),
        (lambda _, x: nn.functional.dropout(x, 0.5, wrong=1), r"fails on an input of shape \(2, 6\)"),
        (lambda m, x: m.dense(x).detach().numpy(), r"output does not come from the last layer recorded"),
        (lambda _, x: nn.functional.max_pool2d(x.view(-1, 1, 2, 3), 1, dilation=2), r"dilation 2: only 1"),
        (lambda _, x: nn.functional.avg_pool2d(x.view(-1, 1, 2, 3), 2, ceil_mode=True), r"avg_pool2d has ceil_mode"),
        (lambda _, x: nn.functional.pad(x, (1, 1)), r"pads by \(1, 1\)"),
        (
            lambda _, x: nn.functional.relu(nn.functional.pad(x.view(-1, 1, 2, 3), (1, 1, 1, 1), value=1.0)),
            r"pads by \(1, 1, 1, 1\) \(constant 1.0\)",
        ),
        (lambda _, x: nn.functional.max_pool2d(x.view(-1, 1, 2, 3).transpose(2, 3), 1), r"values were rearranged"),
        (lambda _, x: nn.functional.avg_pool2d(x.view(-1, 6, 1), 1), r"takes a map, but values of shape 6×1 reach it"),
        (lambda m, x: torch.addmm(m.dense.bias, x, m.dense.weight), r"addmm is not one of the layers"),
        (lambda m, x: m.dense.weight @ x.T, r"is not one of the layers"),
        (lambda _, x: nn.functional.batch_norm(x, None, None, training=True), r"has no running statistics"),
        (lambda m, x: x.reshape(-1, 2, 3).transpose(1, 2) @ m.dense.weight[:2], r"uses weights that are not a param"),
        (lambda _, x: x.unsqueeze(1).expand(-1, 2, -1).flatten(1), r"expand is not one of the layers"),
    ],
)
def test_what_is_not_a_chain_of_known_layers_in_pytorch_is_an_error(function, message):
    with pytest.raises(TraceError, match=message):
        trace(Calling(function), (6,))


def test_an_error_names_the_module_of_pytorch():
    network = nn.Sequential(nn.Flatten(), nn.Sequential(nn.Linear(6, 6), nn.GELU()))
    with pytest.raises(TraceError, match=r"^1\.1: gelu is not one of the layers"):
        trace(network, (6,))


def test_lazy_and_shapeless_networks_are_errors():
    with pytest.raises(TraceError, match="lazy layers that have not seen an input"):
        trace(nn.LazyLinear(3), (6,))
    with pytest.raises(TraceError, match="give the shape of one example, channels last"):
        trace(nn.Linear(6, 3))
    with pytest.raises(TraceError, match="does not have one input of a fixed shape"):
        trace(KerasSubclass())
    with pytest.raises(TraceError, match="1, 2 or 3 axes"):
        trace(nn.Linear(6, 3), (1, 2, 3, 4))
    with pytest.raises(TypeError, match="a list is neither"):
        trace([1.0], (1,))


class KerasCalling(keras.Model):
    """Calls a function on its input."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def call(self, x):
        return self.function(x)


def tensorflow_relu(x):
    import tensorflow as tf

    return tf.nn.relu(layers.Dense(6)(x))


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: x + layers.Dense(6)(x), r"add\w* in \w+ takes 2 values: only chains of layers"),
        (lambda x: layers.LayerNormalization()(x), r"\(LayerNormalization\) is not one of the layers"),
        (lambda x: keras.ops.softmax(x, axis=0), r"works along axis 0, so its results depend on the other examples"),
        (lambda x: keras.ops.reshape(x, (-1,)), r"mixes the values of different examples"),
        (lambda x: x + 1, r"with something that is not a variable of the network"),
        (lambda x: layers.Dense(6, activation="gelu")(x), r"has the activation .*gelu.*: only relu, sigmoid"),
        (lambda x: layers.ReLU(negative_slope=0.1)(x), r"is not a plain ReLU"),
        (tensorflow_relu, r"cannot be opened: its call does not work on a symbolic tensor"),
        (lambda x: layers.Conv2D(2, 1, dilation_rate=2)(layers.Reshape((2, 3, 1))(x)), r"dilation \(2, 2\)"),
        (
            lambda x: layers.MaxPooling2D(1)(layers.Permute((2, 1, 3))(layers.Reshape((2, 3, 1))(x))),
            r"values were rearranged",
        ),
        (lambda x: layers.BatchNormalization()(x, training=True), r"by the batch in evaluation mode too"),
        (lambda x: layers.Dense(2)(layers.Reshape((2, 3))(x)), r"takes a map, but values of shape 2×3 reach it"),
    ],
)
def test_what_is_not_a_chain_of_known_layers_in_keras_is_an_error(function, message):
    with pytest.raises(TraceError, match=message):
        trace(KerasCalling(function), (6,))


def test_dropout_that_never_stops_is_described_as_such():
    ours = trace(Calling(lambda _, x: nn.functional.dropout(x, 0.25)), (6,)).network
    theirs = trace(KerasCalling(lambda x: layers.Dropout(0.25)(x, training=True)), (6,)).network

    for network in (ours, theirs):
        (layer,) = network.layers
        assert isinstance(layer, Dropout)
        assert (layer.rate, layer.always) == (0.25, True)


def spatial(data_format):
    """Keras' dropout of whole channels on 4×6 maps of three channels."""
    shape = (4, 6, 3) if data_format == "channels_last" else (3, 4, 6)
    return keras.Sequential([keras.Input(shape), layers.SpatialDropout2D(0.25, data_format=data_format)])


def test_dropout_of_whole_channels_is_described_as_such():
    ours = {
        "module": trace(nn.Sequential(nn.Dropout2d(0.25)), (4, 6, 3)),
        "function": trace(Calling(lambda _, x: nn.functional.dropout2d(x, 0.25, training=False)), (4, 6, 3)),
        "keras": trace(spatial("channels_last")),
        "keras, channels first": trace_keras(spatial("channels_first"), (4, 6, 3), channels_last=False),
    }
    for name, traced in ours.items():
        (layer,) = portable.decode(*portable.encode(traced.network)).layers
        assert isinstance(layer, Dropout), name
        assert (layer.rate, layer.always, layer.whole_channels) == (0.25, False, True), name
        assert traced.network.shapes == ((4, 6, 3),), name
    always = trace(Calling(lambda _, x: nn.functional.dropout2d(x, 0.25)), (4, 6, 3)).network
    assert always.layers[0].always


def test_dropout_of_channels_on_a_vector_is_refused():
    with pytest.raises(TraceError):
        trace(Calling(lambda _, x: nn.functional.dropout2d(x[:, None], training=False)), (6,))


# --- tracing leaves no trace ------------------------------------------------------------------------------------------


def test_a_module_is_left_as_it_was():
    network = nn.Sequential(nn.BatchNorm1d(6), nn.Sequential(nn.Dropout(), nn.Linear(6, 3)))
    network[1].eval()
    before = {name: values.clone() for name, values in network.state_dict().items()}

    trace(network, (6,))
    with pytest.raises(TraceError):
        trace(nn.Sequential(network, nn.GELU()), (6,))

    assert [module.training for module in network.modules()] == [True, True, False, False, False]
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in network.modules())
    for name, values in network.state_dict().items():
        assert torch.equal(values, before[name]), name
