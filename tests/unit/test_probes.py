"""What probes show of dropout, worked out and simulated, and how surprising a share is."""

from itertools import product
from math import comb

import numpy as np
import pytest

from grader.networks import dropped
from grader.networks.probes import VISIBLE, probes
from grader.networks.training_mode import run, updated
from grader.numerics.binomial import accepted, surprise
from grader.transplant.architecture import (
    Activation,
    BatchNormalization,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    Network,
    Pooling,
)

RELU = Activation(function="relu")
POOL = Pooling(reduction="maximum", size=(2, 2), strides=(2, 2))
OVERLAPPING = Pooling(reduction="maximum", size=(2, 2), strides=(1, 1))
SAME = ((1, 1), (1, 1))


def convolution(rows, channels_in, channels_out, padding=((0, 0), (0, 0))):
    return Convolution(
        kernel=np.zeros((rows, rows, channels_in, channels_out)), bias=np.zeros(channels_out), padding=padding
    )


def dense(size_in, size_out):
    return Dense(kernel=np.zeros((size_in, size_out)), bias=np.zeros(size_out))


def before_pooling(rate=0.5, pool=POOL):
    """14×14×1, dropout before each pool and after the dense layer, as LeNet-5 has it."""
    layers = (convolution(3, 1, 6, SAME), RELU, Dropout(rate=rate), pool)
    layers += (convolution(3, 6, 8), RELU, Dropout(rate=rate), pool, Flatten())
    size = Network((14, 14, 1), layers).output_shape[0]
    layers += (dense(size, 40), RELU, Dropout(rate=rate), dense(40, 10))
    return Network((14, 14, 1), layers)


def after_pooling(rate=0.3):
    layers = (convolution(2, 1, 8, ((0, 1), (0, 1))), RELU, OVERLAPPING, Dropout(rate=rate))
    layers += (convolution(2, 8, 8, ((0, 1), (0, 1))), RELU, OVERLAPPING, Dropout(rate=rate), Flatten())
    layers += (dense(64 * 8, 40), RELU, Dropout(rate=0.5), dense(40, 10))
    return Network((10, 10, 1), layers)


HIDDEN = Network((4,), (dense(4, 3), RELU, Dropout(rate=0.5), dense(3, 2), RELU, Dropout(rate=0.9), dense(2, 2)))


def shown(probe, count, seed):
    ones = np.ones((count, *probe.network.input_shape), np.float32)
    values = run(probe.network, ones, np.random.default_rng(seed)).outputs
    return values[:, : probe.shown] - values[:, -1:] > VISIBLE


@pytest.mark.parametrize(
    "network", [before_pooling(), before_pooling(0.2, OVERLAPPING), after_pooling()], ids=["lenet", "overlap", "after"]
)
def test_the_share_worked_out_is_the_one_simulated(network):
    found = probes(network)
    assert [probe.rate is None for probe in found] == [True, False, False, False]
    for probe in found:
        signals = shown(probe, 600, seed=probe.number)
        low, high = probe.shares(probe.rate or 0.0)
        assert surprise(signals.mean(), signals.size, low, high) > 1e-4, f"place {probe.number}, seed {probe.number}"


def test_other_shares_and_other_places_show():
    for wrong, place in ((before_pooling(0.4), 1), (before_pooling(0.6), 2), (before_pooling(0.4), 3)):
        right, probe = probes(before_pooling(0.5))[place], probes(wrong)[place]
        signals = shown(probe, 600, seed=1)
        assert surprise(signals.mean(), signals.size, *right.shares(0.5)) < 1e-6


def test_the_other_side_of_a_pooling_is_worked_out_too():
    first, second, last = probes(before_pooling(0.5))[1:]
    assert first.shares(0.5)[1] == pytest.approx(1 - (1 - 0.5**4) ** 4)
    assert first.shares(0.5, across_pooling=True)[1] == pytest.approx(1 - 0.5**4)
    assert second.shares(0.5)[1] == pytest.approx(0.5**4)
    assert second.shares(0.5, across_pooling=True)[1] == pytest.approx(0.5)
    assert last.across_pooling is None


def test_a_place_without_dropout_shows_nothing():
    probe = probes(before_pooling())[0]
    assert probe.rate is None
    assert not shown(probe, 50, seed=3).any()


@pytest.mark.parametrize(
    ("network", "why"),
    [
        (Network((4,), (dense(4, 3), Activation(function="sigmoid"), dense(3, 3), RELU, dense(3, 2))), "ReLU"),
        (Network((4,), (dense(4, 3), RELU)), "last layer is not dense"),
        (Network((4,), (dense(4, 1),)), "one output"),
        (Network((4,), (Dropout(rate=0.1), Dropout(rate=0.1), dense(4, 2))), "two dropouts"),
        (
            Network((4,), (dense(4, 3), RELU, Dropout(rate=0.5), dense(3, 2), RELU, Dropout(rate=0.9), dense(2, 2))),
            "hid",
        ),
        (Network((4,), (Dense(kernel=np.zeros((4, 3))), Dropout(rate=0.5), dense(3, 2))), "no bias"),
    ],
)
def test_networks_that_cannot_be_probed_say_why(network, why):
    with pytest.raises(ValueError, match=why):
        probes(network)


def test_a_dropout_before_batch_norm_cannot_be_probed():
    norm = BatchNormalization(
        scale=np.ones(4), shift=np.zeros(4), mean=np.zeros(4), variance=np.ones(4), epsilon=1e-3, momentum=0.9
    )
    with pytest.raises(ValueError, match="before batch normalization"):
        probes(Network((4,), (Dropout(rate=0.5), norm, dense(4, 2))))


@pytest.mark.parametrize(
    "signal",
    [
        frozenset({frozenset({0}), frozenset({1})}),
        frozenset({frozenset({0, 1}), frozenset({1, 2}), frozenset({3})}),
        frozenset({frozenset({0, 1, 2}), frozenset({2, 3}), frozenset({0, 3})}),
        dropped.ALWAYS,
        dropped.NEVER,
    ],
)
def test_probabilities_are_the_sum_over_all_masks(signal):
    for rate in (0.1, 0.5, 0.8):
        total = 0.0
        for mask in product((False, True), repeat=4):
            if any(all(mask[place] for place in places) for places in signal):
                total += np.prod([rate if dropped_here else 1 - rate for dropped_here in mask])
        assert dropped.probability(signal, rate) == pytest.approx(total)


def test_a_chance_is_never_understated():
    for trials, probability in ((20, 0.3), (50, 0.06), (30, 0.5)):
        chances = [comb(trials, k) * probability**k * (1 - probability) ** (trials - k) for k in range(trials + 1)]
        for count in range(trials + 1):
            one_side = sum(chances[: count + 1]) if count < trials * probability else sum(chances[count:])
            assert surprise(count / trials, trials, probability, probability) >= min(1.0, 2 * one_side) - 1e-12


def test_what_cannot_be_is_as_surprising_as_can_be():
    assert surprise(1 / 100, 100, 0.0, 0.0) == 0.0
    assert surprise(0.0, 100, 0.0, 0.0) == 1.0
    assert surprise(1.0, 5, 1.0, 1.0) == 1.0


def test_accepted_shares_end_where_the_chance_does():
    low, high = accepted(1000, 0.5, 0.5, 1e-6)
    assert low == pytest.approx(1 - high)
    assert surprise(high + 1e-3, 1000, 0.5, 0.5) < 1e-6 <= surprise(high - 1e-9, 1000, 0.5, 0.5)


def test_running_figures_move_towards_the_batch():
    norm = BatchNormalization(
        scale=np.ones(2), shift=np.zeros(2), mean=np.zeros(2), variance=np.ones(2), epsilon=0.0, momentum=0.9
    )
    network = Network((2,), (norm,))
    batch = np.random.default_rng(4).normal(3.0, 2.0, (50, 2))
    trained = run(network, batch, np.random.default_rng(0))
    np.testing.assert_allclose(trained.outputs.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(trained.outputs.var(axis=0), 1)
    moved = updated(network, trained.statistics, kept=0.9, unbiased=True).arrays[0]
    np.testing.assert_allclose(moved["mean"], 0.1 * batch.mean(axis=0))
    np.testing.assert_allclose(moved["variance"], 0.9 + 0.1 * batch.var(axis=0, ddof=1))


def test_a_dropout_of_whole_channels_drops_each_as_a_whole():
    network = Network((4, 5, 8), (Dropout(rate=0.25, whole_channels=True),))
    maps = run(network, np.ones((200, 4, 5, 8)), np.random.default_rng(5)).outputs
    assert set(np.unique((maps != 0).mean(axis=(1, 2)))) == {0.0, 1.0}
    assert 0.7 < (maps != 0).mean() < 0.8
    assert set(np.unique(maps)) == {0.0, 1 / 0.75}


def test_a_reference_that_drops_whole_channels_cannot_be_probed():
    layers = (convolution(3, 1, 4), RELU, Dropout(rate=0.5, whole_channels=True), Flatten(), dense(144, 10))
    with pytest.raises(ValueError, match="whole channels"):
        probes(Network((8, 8, 1), layers))
