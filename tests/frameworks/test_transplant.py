"""A network's weights in another framework compute the same, whatever the network and however it is written."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings

from grader.oracle.run import load_module
from grader.transplant.architecture import (
    Activation,
    BatchNormalization,
    Convolution,
    Flatten,
    Network,
    array_shapes,
    draw_arrays,
)
from grader.transplant.architecture import Dense as DenseLayer
from grader.transplant.numpy_network import layer_outputs
from grader.transplant.transplant import ArchitectureMismatch, trace, transplant
from tests.frameworks.random_networks import Keras, Torch, build, specs, summary, with_random_weights

torch = pytest.importorskip("torch")
keras = pytest.importorskip("keras")

from keras import layers  # noqa: E402 - only where Keras is installed
from torch import nn  # noqa: E402

LOGITS = {"float32": 1e-4, "float64": 1e-10}
"""Allowed absolute difference of the logits."""
GRADIENTS = {"float32": 1e-4, "float64": 1e-9}
"""Allowed difference of a gradient, relative to its largest entry."""
ROUNDING = {"float32": 1e-5, "float64": 1e-12}
"""What is allowed beyond that, relative to the largest entry of all gradients: some are zero but for rounding, like
those of a bias before batch norm, which divides by the root of a variance that may be 1e-5 and less."""


def assert_same_gradients(ours, theirs, dtype):
    assert [array_shapes(arrays) for arrays in ours] == [array_shapes(arrays) for arrays in theirs]
    scale = max((np.abs(array).max() for arrays in theirs for array in arrays.values()), default=0.0)
    for number, (of_ours, of_theirs) in enumerate(zip(ours, theirs, strict=True)):
        for name, expected in of_theirs.items():
            allowed = GRADIENTS[dtype] * np.abs(expected).max() + ROUNDING[dtype] * scale
            assert np.abs(of_ours[name] - expected).max() <= allowed, f"{name} of layer {number}"


DIRECTIONS = pytest.mark.parametrize(("source", "target"), [("torch", "keras"), ("keras", "torch")])


@DIRECTIONS
@settings(max_examples=15, deadline=None)
@given(spec=specs())
def test_logits_and_gradients_agree_in_double_precision(source, target, spec):
    assert_transplants(source, target, "float64", spec)


@DIRECTIONS
@settings(max_examples=15, deadline=None, derandomize=True)  # rounding alone can exceed any bound in some network
@given(spec=specs())
def test_logits_and_gradients_agree_in_single_precision(source, target, spec):
    assert_transplants(source, target, "float32", spec)


def assert_transplants(source, target, dtype, spec):
    rng = np.random.default_rng(spec.seed)
    ours = with_random_weights(build(source, spec, dtype), spec.seed)
    theirs = build(target, spec, dtype)
    inputs = rng.normal(size=(8, *spec.input_shape)).astype(dtype)
    classes = rng.integers(0, spec.classes, 8)

    transplant(ours.traced.current(), theirs.traced)

    logits = ours.outputs(inputs)
    assert logits.dtype == dtype
    assert np.abs(logits - theirs.outputs(inputs)).max() <= LOGITS[dtype]
    for training in (False, True):
        loss, gradients = ours.gradients(inputs, classes, training)
        their_loss, their_gradients = theirs.gradients(inputs, classes, training)
        assert loss == pytest.approx(their_loss, rel=1e-5)
        assert_same_gradients(gradients, their_gradients, dtype)


@settings(max_examples=15, deadline=None)
@given(specs())
def test_there_and_back_again_changes_no_bit(spec):
    ours = with_random_weights(build("torch", spec), spec.seed)
    before = ours.traced.current()
    theirs = build("keras", spec)
    transplant(before, theirs.traced)
    with_random_weights(ours, spec.seed + 1)

    transplant(theirs.traced.current(), ours.traced)

    for first, second in zip(before.arrays, ours.traced.current().arrays, strict=True):
        assert first.keys() == second.keys()
        for name in first:
            np.testing.assert_array_equal(first[name], second[name])


@settings(max_examples=15, deadline=None)
@given(specs())
def test_both_frameworks_give_the_same_description(spec):
    ours, theirs = build("torch", spec).traced.network, build("keras", spec).traced.network
    assert summary(ours) == summary(theirs)


def test_batch_norm_in_training_keeps_the_same_mean_and_a_variance_that_differs_as_documented():
    count, height, width = 4, 3, 5
    ours = Torch(nn.Sequential(nn.BatchNorm2d(2, eps=1e-3, momentum=0.1)), (height, width, 2))
    theirs = Keras(
        keras.Sequential([keras.Input((height, width, 2)), layers.BatchNormalization(momentum=0.9, epsilon=1e-3)])
    )
    with_random_weights(ours, seed=1)
    transplant(ours.traced.current(), theirs.traced)
    before = ours.traced.current().arrays[0]["variance"]
    inputs = np.random.default_rng(2).normal(1, 2, (count, height, width, 2)).astype(np.float32)

    ours.network.train()
    native = ours.network(torch.from_numpy(ours.traced.native_inputs(inputs)))
    result = theirs.network(inputs, training=True)

    np.testing.assert_allclose(ours.traced.neutral_outputs(native.detach().numpy()), np.asarray(result), atol=1e-5)
    (kept,), (their_kept,) = ours.traced.current().arrays, theirs.traced.current().arrays
    np.testing.assert_allclose(kept["mean"], their_kept["mean"], rtol=1e-5)
    new, their_new = (arrays["variance"] - 0.9 * before for arrays in (kept, their_kept))
    n = count * height * width
    np.testing.assert_allclose(new, their_new * n / (n - 1), rtol=1e-4)


# --- the references ---------------------------------------------------------------------------------------------------

REFERENCES = [
    ("backprop_to_lenet", "build_mlp", ()),
    ("backprop_to_lenet", "build_lenet", ()),
    ("backprop_to_lenet", "build_lenet_dropout", ()),
    ("backprop_to_lenet", "build_lenet_batch_norm", ()),
    ("cnn_in_numpy", "build_cnn", ()),
    ("cnn_in_numpy", "build_shallow_cnn", ()),
    ("weight_decay", "build_mlp", ()),
    ("weight_decay", "build_wide_mlp", ()),
    ("weight_decay", "build_cnn", ()),
    *(("regularization", "build", (convolutions, kind)) for convolutions in (1, 2) for kind in ("none", "l2")),
    *(
        ("regularization", "build", (convolutions, kind))
        for convolutions in (1, 2)
        for kind in ("dropout", "batch_norm")
    ),
    ("three_networks", "build_softmax_regression", ()),
    ("three_networks", "build_mlp", ()),
    ("three_networks", "build_lenet", ()),
]


@pytest.fixture
def numpy_layers(root):
    return load_module(root / "reference" / "cnn_in_numpy" / "oracle_numpy.py")


@pytest.mark.parametrize("reference", REFERENCES, ids=lambda r: "-".join(map(str, (r[0], r[1], *r[2]))))
def test_the_references_of_both_frameworks_and_numpy_are_the_same_networks(
    reference, oracle, torch_networks, keras_networks, numpy_layers
):
    assignment, function, arguments = reference
    ours = Torch(getattr(oracle(assignment, torch_networks), function)(*arguments), (28, 28, 1))
    theirs = Keras(getattr(oracle(assignment, keras_networks), function)(*arguments))
    rng = np.random.default_rng(13)
    inputs = rng.random((4, 28, 28, 1)).astype(np.float32)
    classes = rng.integers(0, 10, 4)

    assert summary(ours.traced.network) == summary(theirs.traced.network)
    assert ours.traced.unused == theirs.traced.unused == ()
    transplant(draw_arrays(theirs.traced.network, rng), theirs.traced)
    transplant(theirs.traced.current(), ours.traced)

    logits = ours.outputs(inputs)
    assert np.ptp(logits) > 0.1
    assert np.abs(logits - theirs.outputs(inputs)).max() <= LOGITS["float32"]
    assert np.abs(logits - layer_outputs(ours.traced.current(), inputs, numpy_layers)[-1]).max() <= LOGITS["float32"]
    normalizes = any(isinstance(layer, BatchNormalization) for layer in ours.traced.network.layers)
    for training in (False, True) if normalizes else (False,):
        (loss, gradients), (their_loss, their_gradients) = (
            live.gradients(inputs, classes, training) for live in (ours, theirs)
        )
        assert loss == pytest.approx(their_loss, rel=1e-5)
        assert_same_gradients(gradients, their_gradients, "float32")


# --- networks that do not fit -----------------------------------------------------------------------------------------


def mlp(*sizes, bias=True):
    modules = [nn.Linear(a, b, bias=bias) for a, b in pairwise(sizes)]
    return nn.Sequential(nn.Flatten(), *modules)


@pytest.mark.parametrize(
    ("target", "position", "lines"),
    [
        pytest.param(
            mlp(12, 6, 5),
            2,
            (
                "layer 2 of those with weights is the first that differs:",
                "  source  dense layer (2: linear), 6 → 4: kernel 6×4, bias 4",
                "  target  dense layer (2: linear), 6 → 5: kernel 6×5, bias 5",
            ),
            id="size",
        ),
        pytest.param(mlp(12, 6), 2, ("  target  has no more layers with weights",), id="too few layers"),
        pytest.param(mlp(12, 6, 4, 4), 3, ("  source  has no more layers with weights",), id="too many layers"),
        pytest.param(
            mlp(12, 6, 4, bias=False), 1, ("  target  dense layer (1: linear), 12 → 6: kernel 12×6",), id="no bias"
        ),
        pytest.param(
            nn.Sequential(nn.Flatten(), nn.BatchNorm1d(12), nn.Linear(12, 6), nn.Linear(6, 4)),
            1,
            ("  target  batch normalization (1: batch_norm), 12 → 12: scale 12, shift 12, mean 12, variance 12",),
            id="other kind",
        ),
        pytest.param(
            nn.Sequential(nn.Conv2d(1, 6, (3, 4), padding=1), nn.Flatten(), nn.Linear(54, 4)),
            1,
            ("  target  convolution 3×4 (0: conv2d), 3×4×1 → 3×3×6: kernel 3×4×1×6, bias 6",),
            id="convolution with several places",
        ),
    ],
)
def test_a_mismatch_names_the_first_layer_that_differs_and_both_shapes(target, position, lines):
    source = trace(mlp(12, 6, 4), (3, 4, 1)).network
    traced = trace(target, (3, 4, 1))
    before = traced.current().arrays

    with pytest.raises(ArchitectureMismatch) as caught:
        transplant(source, traced)

    assert caught.value.position == position
    for line in lines:
        assert line in str(caught.value).splitlines()
    for old, new in zip(before, traced.current().arrays, strict=True):
        for name in old:
            np.testing.assert_array_equal(old[name], new[name], err_msg="written although it does not fit")


def test_layers_that_share_a_parameter_take_one_value():
    shared = nn.Linear(4, 4)
    traced = trace(nn.Sequential(shared, nn.ReLU(), shared), (4,))
    arrays = draw_arrays(traced.network, np.random.default_rng(11)).arrays

    with pytest.raises(ValueError, match="layers 1 and 3 share their kernel"):
        transplant(traced.network.with_arrays(arrays), traced)
    transplant(traced.network.with_arrays((arrays[0], {}, arrays[0])), traced)
    np.testing.assert_array_equal(shared.weight.detach().numpy(), arrays[0]["kernel"].T)


def test_parameters_that_no_layer_uses_are_named():
    class Forgetful(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.forgotten = nn.Linear(3, 2), nn.Linear(3, 2)

        def forward(self, x):
            return self.used(x)

    assert trace(Forgetful(), (3,)).unused == ("forgotten.weight", "forgotten.bias")
    assert trace(nn.Linear(3, 2), (3,)).unused == ()


def test_weights_from_plain_arrays_need_no_model():
    """What arrives as arrays alone is written into a reference."""
    rng = np.random.default_rng(12)
    described = Network(
        (4, 4, 1),
        (
            Convolution(kernel=rng.normal(size=(2, 2, 1, 3)), bias=rng.normal(size=3)),
            Activation(function="relu"),
            Flatten(),
            DenseLayer(kernel=rng.normal(size=(27, 2)), bias=rng.normal(size=2)),
        ),
    )
    ours = Torch(nn.Sequential(nn.Conv2d(1, 3, 2), nn.ReLU(), nn.Flatten(), nn.Linear(27, 2)), (4, 4, 1))

    transplant(described, ours.traced)

    assert ours.network[0].weight.dtype == torch.float32
    np.testing.assert_allclose(ours.traced.current().arrays[3]["kernel"], described.arrays[3]["kernel"], rtol=1e-6)
