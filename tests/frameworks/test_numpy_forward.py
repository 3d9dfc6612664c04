"""The NumPy layers of cnn_in_numpy, against the layers of both frameworks over shapes that hypothesis makes up."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.oracle.run import load_module
from grader.transplant.architecture import draw_arrays
from grader.transplant.numpy_network import layer_outputs
from grader.transplant.transplant import transplant
from tests.frameworks.random_networks import Keras, Torch, build, pairs, specs, with_random_weights

torch = pytest.importorskip("torch")
keras = pytest.importorskip("keras")

from torch.nn import functional as F  # noqa: E402, N812 - only where PyTorch is installed; its usual name

ROOT = Path(__file__).parents[2]
ours = load_module(ROOT / "reference" / "cnn_in_numpy" / "oracle_numpy.py")

QUICKLY = settings(max_examples=40, deadline=None)
ABSOLUTE = {np.float32: 1e-5, np.float64: 1e-12}


@st.composite
def windowed_maps(draw):
    """Maps, and a window that fits on them; strides both below and above the window's size."""
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    size, stride = draw(pairs(1, 4)), draw(pairs(1, 5))
    height, width = draw(st.integers(size[0], 9)), draw(st.integers(size[1], 9))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(draw(st.integers(1, 3)), height, width, draw(st.integers(1, 4)))).astype(dtype)
    return X, size, stride, rng


def draw_kernel(rng, shape, dtype):
    """Draw a kernel with which outputs are about as large as inputs, so that one bound on rounding fits all sizes."""
    return rng.normal(0, np.prod(shape[:-1]) ** -0.5, shape).astype(dtype)


def channels_first(X):
    return torch.from_numpy(np.ascontiguousarray(X.transpose(0, 3, 1, 2)))


def channels_last(tensor):
    return tensor.numpy().transpose(0, 2, 3, 1)


def tensor(array):
    """Keras would make it single precision."""
    return keras.ops.convert_to_tensor(array, dtype=array.dtype.name)


def assert_close(result, expected, dtype):
    assert result.dtype == dtype
    np.testing.assert_allclose(result, np.asarray(expected), atol=ABSOLUTE[dtype], rtol=ABSOLUTE[dtype])


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths:UserWarning")
@QUICKLY
@given(windowed_maps(), st.integers(1, 5), st.sampled_from(["valid", "same"]))
def test_convolution(maps, channels_out, padding):
    X, size, stride, rng = maps
    dtype = X.dtype.type
    kernel = draw_kernel(rng, (*size, X.shape[-1], channels_out), dtype)
    bias = rng.normal(size=channels_out).astype(dtype)

    result = ours.convolution(X, kernel, bias, stride, padding)

    assert_close(result, keras.ops.conv(tensor(X), tensor(kernel), stride, padding) + bias, dtype)
    if padding == "valid" or stride == (1, 1):
        native = torch.from_numpy(np.ascontiguousarray(kernel.transpose(3, 2, 0, 1)))
        expected = F.conv2d(channels_first(X), native, torch.from_numpy(bias), stride, padding)
        assert_close(result, channels_last(expected), dtype)


@QUICKLY
@given(windowed_maps(), st.sampled_from(["valid", "same"]))
def test_max_pooling(maps, padding):
    X, size, stride, _ = maps
    X -= 10  # zeros in the padding would be the largest

    result = ours.max_pooling(X, size, stride, padding)

    assert_close(result, keras.ops.max_pool(tensor(X), size, stride, padding), X.dtype.type)
    if padding == "valid":
        assert_close(result, channels_last(F.max_pool2d(channels_first(X), size, stride)), X.dtype.type)


@QUICKLY
@given(windowed_maps(), st.sampled_from(["valid", "same"]))
def test_average_pooling(maps, padding):
    X, size, stride, _ = maps

    result = ours.average_pooling(X, size, stride, padding)

    assert_close(result, keras.ops.average_pool(tensor(X), size, stride, padding), X.dtype.type)
    if padding == "valid":
        assert_close(result, channels_last(F.avg_pool2d(channels_first(X), size, stride)), X.dtype.type)


@QUICKLY
@given(windowed_maps(), st.integers(2, 6))
def test_layers_that_keep_the_places(maps, units):
    X, _, _, rng = maps
    dtype = X.dtype.type
    assert_close(ours.relu(X), F.relu(torch.from_numpy(X)), dtype)
    assert_close(ours.relu(X), keras.ops.relu(tensor(X)), dtype)

    flat = ours.flatten(X)
    assert_close(flat, keras.layers.Flatten(dtype=X.dtype.name)(X), dtype)
    kernel, bias = draw_kernel(rng, (flat.shape[1], units), dtype), rng.normal(size=units).astype(dtype)
    logits = ours.dense(flat, kernel, bias)
    native = [torch.from_numpy(array) for array in (flat, kernel.T.copy(), bias)]
    assert_close(logits, F.linear(*native), dtype)
    assert_close(logits, keras.ops.matmul(tensor(flat), tensor(kernel)) + bias, dtype)
    for scale in (1, 1e4):  # e to the power of 1e4 overflows
        scaled = (logits * scale).astype(dtype)
        assert_close(ours.softmax(scaled), torch.softmax(torch.from_numpy(scaled), dim=1), dtype)
        assert_close(ours.softmax(scaled), keras.ops.softmax(tensor(scaled)), dtype)


@QUICKLY
@given(windowed_maps(), st.sampled_from([1e-3, 1e-5]))
def test_batch_normalization_in_evaluation(maps, epsilon):
    X, _, _, rng = maps
    dtype = X.dtype.type
    scale, shift, mean = (rng.normal(size=X.shape[-1]).astype(dtype) for _ in range(3))
    variance = rng.uniform(0.1, 2, X.shape[-1]).astype(dtype)

    result = ours.batch_normalization(X, scale, shift, mean, variance, epsilon)

    native = [torch.from_numpy(array) for array in (mean, variance, scale, shift)]
    assert_close(result, channels_last(F.batch_norm(channels_first(X), *native, eps=epsilon)), dtype)
    expected = keras.ops.batch_normalization(
        tensor(X), *map(tensor, (mean, variance)), -1, tensor(shift), tensor(scale), epsilon=epsilon
    )
    assert_close(result, expected, dtype)


# --- whole networks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("framework", ["torch", "keras"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@settings(max_examples=12, deadline=None)
@given(spec=specs())
def test_whole_networks(framework, dtype, spec):
    live = with_random_weights(build(framework, spec, dtype), spec.seed)
    inputs = np.random.default_rng(spec.seed).normal(size=(3, *spec.input_shape)).astype(dtype)

    outputs = layer_outputs(live.traced.current(), inputs, ours)

    assert [output.shape[1:] for output in outputs] == list(live.traced.network.shapes)
    assert outputs[-1].dtype == dtype
    assert np.abs(outputs[-1] - live.outputs(inputs)).max() <= {"float32": 1e-4, "float64": 1e-10}[dtype]


@QUICKLY
@given(
    shape=st.tuples(st.integers(4, 9), st.integers(4, 9)),
    size=pairs(2, 4),
    stride=pairs(1, 4),
    kind=st.sampled_from(["max", "max rounded up", "average", "average without padding", "convolution"]),
    seed=st.integers(0, 2**32 - 1),
)
def test_padding_of_pytorch(shape, size, stride, kind, seed):
    """PyTorch pads both ends alike, may round sizes up, and counts padding in averages unless told not to."""
    padding = (size[0] // 2, size[1] // 2)
    module = {
        "max": lambda: torch.nn.MaxPool2d(size, stride, padding),
        "max rounded up": lambda: torch.nn.MaxPool2d(size, stride, padding, ceil_mode=True),
        "average": lambda: torch.nn.AvgPool2d(size, stride, padding),
        "average without padding": lambda: torch.nn.AvgPool2d(size, stride, padding, count_include_pad=False),
        "convolution": lambda: torch.nn.Conv2d(2, 3, size, stride, padding),
    }[kind]()
    live = Torch(module, (*shape, 2))
    X = np.random.default_rng(seed).normal(-3, 1, (2, *shape, 2)).astype(np.float32)

    np.testing.assert_allclose(layer_outputs(live.traced.current(), X, ours)[-1], live.outputs(X), atol=1e-5)


@QUICKLY
@given(
    shape=st.tuples(st.integers(3, 9), st.integers(3, 9)),
    size=pairs(1, 4),
    stride=pairs(1, 4),
    kind=st.sampled_from(["MaxPooling2D", "AveragePooling2D"]),
    seed=st.integers(0, 2**32 - 1),
)
def test_same_pooling_of_keras(shape, size, stride, kind, seed):
    layer = getattr(keras.layers, kind)(size, stride, padding="same")
    live = Keras(keras.Sequential([keras.Input((*shape, 2)), layer]))
    X = np.random.default_rng(seed).normal(-3, 1, (2, *shape, 2)).astype(np.float32)

    np.testing.assert_allclose(layer_outputs(live.traced.network, X, ours)[-1], live.outputs(X), atol=1e-5)


MODULES = {
    "relu": torch.nn.ReLU(),
    "sigmoid": torch.nn.Sigmoid(),
    "tanh": torch.nn.Tanh(),
    "softmax": torch.nn.Softmax(dim=1),
    "log_softmax": torch.nn.LogSoftmax(dim=1),
}


@pytest.mark.parametrize("function", MODULES)
def test_every_activation(function):
    X = np.random.default_rng(1).normal(0, 3, (4, 6)).astype(np.float32)
    native = keras.Sequential([keras.Input((6,)), keras.layers.Activation(function)])
    for live in (Keras(native), Torch(MODULES[function], (6,))):
        (result,) = layer_outputs(live.traced.network, X, ours)
        np.testing.assert_allclose(result, live.outputs(X), atol=1e-6)


# --- the part itself --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("framework", ["torch", "keras"])
def test_the_forward_pass_of_part_2b_takes_the_weights_of_part_2a(framework, request, oracle):
    """Every layer, on images for which the probabilities are not saturated."""
    networks = request.getfixturevalue(f"{framework}_networks")
    network = oracle("cnn_in_numpy", networks).build_shallow_cnn()
    live = Torch(network, (28, 28, 1)) if framework == "torch" else Keras(network)
    rng = np.random.default_rng(2)
    transplant(draw_arrays(live.traced.network, rng), live.traced)
    images = rng.random((20, 28, 28, 1)).astype(np.float32)
    if framework == "torch":
        weights = ours.weights_from_torch([values.numpy() for values in network.state_dict().values()])
    else:
        weights = ours.weights_from_keras(network.get_weights())

    outputs = ours.forward_pass(images, weights)

    described = layer_outputs(live.traced.current(), images, ours)
    by_layer = dict(zip(("conv1", "pool1", "relu1", "flatten", "dense1", "relu2", "logits"), described, strict=True))
    differences = ours.largest_differences(outputs, by_layer | {"logits": live.outputs(images)})
    assert len(differences) == 7
    assert max(differences.values()) < 1e-4
    logits = torch.from_numpy(live.outputs(images))
    np.testing.assert_allclose(outputs["probabilities"], torch.softmax(logits, 1), atol=1e-5)
    assert outputs["probabilities"].max() < 0.99
    shapes = [output.shape[1:] for output in outputs.values()]
    assert shapes == [(26, 26, 64), (13, 13, 64), (13, 13, 64), (10816,), (1024,), (1024,), (10,), (10,)]
