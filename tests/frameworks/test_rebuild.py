"""Described networks made live again: they compute what the description computes, in training too."""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from grader.networks.evaluate import outputs
from grader.oracle.rebuilding import CannotRebuild
from grader.oracle.run import load_module
from grader.transplant.architecture import (
    Activation,
    BatchNormalization,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    Layer,
    Network,
    Pooling,
    Reshape,
    ZeroPadding,
    draw_arrays,
)
from tests.frameworks.random_networks import build, specs, with_random_weights

REFERENCE = Path(__file__).resolve().parents[2] / "reference"
QUICK = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))


class TorchRebuilt:
    name = "torch"

    def reference(self, penalised=False):
        from torch import nn

        network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(8, 10))
        if penalised:
            network.penalty = lambda: 0.25 * network[0].weight.square().sum()
        return network

    def run(self, network, images, training=False):
        import torch

        network.train(training)
        with torch.no_grad():
            return network(torch.from_numpy(images).permute(0, 3, 1, 2)).numpy()

    def penalty(self, network):
        import torch

        with torch.no_grad():
            return float(network.penalty())


class KerasRebuilt:
    name = "keras"

    def reference(self, penalised=False):
        import keras
        from keras import layers

        regularizer = keras.regularizers.L2(0.25) if penalised else None
        return keras.Sequential(
            [
                keras.Input((28, 28, 1)),
                layers.Conv2D(2, 3, kernel_regularizer=regularizer),
                layers.Flatten(),
                layers.Dense(10),
            ]
        )

    def run(self, network, images, training=False):
        return np.asarray(network(images, training=training))

    def penalty(self, network):
        return float(sum(network.losses))


@pytest.fixture(params=["torch", "keras"])
def rebuilt(request):
    pytest.importorskip(request.param)
    return {"torch": TorchRebuilt, "keras": KerasRebuilt}[request.param]()


def rebuild(rebuilt, network, **reference):
    module = import_module(f"grader.oracle.rebuild_{rebuilt.name}")
    return module.rebuild(network, rebuilt.reference(**reference))


def everything(rng):
    """A network with every kind of layer and with padding that no framework has a word for."""
    layers = (
        ZeroPadding(padding=((1, 0), (0, 2))),
        Convolution(kernel=np.ones((2, 3, 1, 4)), bias=np.ones(4), strides=(2, 1), padding=((0, 1), (2, 0))),
        BatchNormalization(
            scale=None, shift=np.ones(4), mean=np.ones(4), variance=np.ones(4), epsilon=1e-3, momentum=0.9
        ),
        Activation(function="relu"),
        Pooling(reduction="maximum", size=(2, 2), strides=(2, 1), padding=((0, 0), (1, 1))),
        Pooling(reduction="average", size=(3, 2), strides=(2, 1), padding=((1, 0), (0, 1))),
        Pooling(reduction="average", size=(2, 2), strides=(1, 1), padding=((1, 1), (1, 1)), padding_counts=True),
        Convolution(kernel=np.ones((3, 3, 4, 5)), padding=((1, 1), (1, 1))),
        Activation(function="softmax"),
        Dropout(rate=0.5),
        Flatten(),
    )
    width = Network((28, 28, 1), layers).output_shape[0]
    layers += (
        Dense(kernel=np.ones((width, 24)), bias=np.ones(24)),
        Activation(function="tanh"),
        Reshape(shape=(2, 3, 4)),
        Activation(function="sigmoid"),
        Convolution(kernel=np.ones((1, 1, 4, 3))),
        Flatten(),
        Dense(kernel=np.ones((18, 10))),
        Activation(function="log_softmax"),
    )
    return draw_arrays(Network((28, 28, 1), layers), rng)


def test_every_layer_computes_what_its_description_says(rebuilt):
    rng = np.random.default_rng(31)
    network, images = everything(rng), rng.uniform(0, 1, (5, 28, 28, 1)).astype(np.float32)
    np.testing.assert_allclose(rebuilt.run(rebuild(rebuilt, network), images), outputs(network, images), atol=1e-4)


def test_a_network_of_flat_images_takes_the_same_images(rebuilt):
    rng = np.random.default_rng(32)
    network = draw_arrays(Network((784,), (Dense(kernel=np.ones((784, 10))),)), rng)
    images = rng.uniform(0, 1, (5, 28, 28, 1)).astype(np.float32)
    np.testing.assert_allclose(rebuilt.run(rebuild(rebuilt, network), images), outputs(network, images), atol=1e-4)


@QUICK
@given(spec=specs())
def test_random_networks_of_either_framework_compute_the_same(rebuilt, spec):
    network = with_random_weights(build(rebuilt.name, spec), spec.seed).traced.current()
    images = np.random.default_rng(spec.seed).normal(size=(3, *network.input_shape)).astype(np.float32)
    like = {"torch": lambda: rebuilt.reference(), "keras": lambda: keras_of(network.input_shape)}[rebuilt.name]()
    module = import_module(f"grader.oracle.rebuild_{rebuilt.name}")
    got = rebuilt.run(module.rebuild(network, like), images)
    expected = outputs(network, images)
    np.testing.assert_allclose(got, expected, atol=1e-3 * max(1, np.abs(expected).max()))


def keras_of(input_shape):
    import keras

    return keras.Sequential([keras.Input(input_shape), keras.layers.Flatten()])


def test_the_penalty_is_that_of_the_reference_on_the_kernels_in_the_same_place(rebuilt):
    rng = np.random.default_rng(33)
    network = everything(rng)
    first = network.layers[1].kernel
    assert rebuilt.penalty(rebuild(rebuilt, network, penalised=True)) == pytest.approx(0.25 * np.square(first).sum())
    assert rebuilt.penalty(rebuild(rebuilt, network)) == 0


def test_dropout_drops_in_training_only_unless_it_always_does(rebuilt):
    images = np.ones((200, 28, 28, 1), np.float32)
    for always in (False, True):
        network = Network((28, 28, 1), (Flatten(), Dropout(rate=0.25, always=always)))
        live = rebuild(rebuilt, network)
        assert 0.24 < np.mean(rebuilt.run(live, images, training=True) == 0) < 0.26
        assert (np.mean(rebuilt.run(live, images) == 0) > 0) == always


def test_dropout_of_whole_channels_keeps_or_drops_each_as_a_whole(rebuilt):
    images = np.ones((50, 28, 28, 1), np.float32)
    spread = Convolution(kernel=np.ones((1, 1, 1, 8)), bias=None)
    for always in (False, True):
        drop = Dropout(rate=0.25, always=always, whole_channels=True)
        live = rebuild(rebuilt, Network((28, 28, 1), (spread, drop)))
        maps = rebuilt.run(live, images, training=True)
        maps = maps if rebuilt.name == "torch" else maps.transpose(0, 3, 1, 2)
        kept = (maps != 0).mean(axis=(2, 3))
        assert set(np.unique(kept)) == {0.0, 1.0}
        assert 0.65 < kept.mean() < 0.85
        assert (np.mean(rebuilt.run(live, images) == 0) > 0) == always


def test_batch_norm_keeps_the_described_share_of_its_running_figures(rebuilt):
    norm = BatchNormalization(
        scale=np.ones(1), shift=np.zeros(1), mean=np.zeros(1), variance=np.ones(1), epsilon=1e-6, momentum=0.75
    )
    live = rebuild(rebuilt, Network((28, 28, 1), (norm,)))
    images = np.full((4, 28, 28, 1), 2.0, np.float32) + np.random.default_rng(34).normal(size=(4, 28, 28, 1))
    rebuilt.run(live, images.astype(np.float32), training=True)
    mean, variance = 0.25 * images.mean(), 0.75 + 0.25 * images.var()
    expected = (images - mean) / np.sqrt(variance)
    np.testing.assert_allclose(rebuilt.run(live, images.astype(np.float32)), to(rebuilt, expected), atol=2e-3)


def to(rebuilt, maps):
    return maps.transpose(0, 3, 1, 2) if rebuilt.name == "torch" else maps


def test_a_layer_of_another_kind_is_refused(rebuilt):
    class Unknown(Layer, frozen=True, eq=False, kw_only=True):
        pass

    with pytest.raises(CannotRebuild, match="there is no"):
        rebuild(rebuilt, Network((28, 28, 1), (Unknown(),)))


@pytest.mark.parametrize("assignment", ["regularization", "weight_decay"])
def test_the_penalties_of_the_references_are_read_off(assignment):
    pytest.importorskip("torch")
    from grader.oracle.rebuild_torch import penalty_factors

    oracle = load_module(REFERENCE / assignment / "oracle_torch.py")
    if assignment == "regularization":
        assert penalty_factors(oracle.build(2, "l2")) == pytest.approx((0.01, 0.01, 0, 0))
        assert penalty_factors(oracle.build(1, "none")) == (0, 0, 0)
    else:
        assert penalty_factors(oracle.build_wide_mlp(l2_factor=5e-4)) == pytest.approx((5e-4, 5e-4, 0))
        assert penalty_factors(oracle.build_mlp()) == (0, 0, 0)
