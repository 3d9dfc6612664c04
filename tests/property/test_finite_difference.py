"""Finite differences never convict a right gradient, and always convict a clearly wrong one."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.numerics.finite_difference import SlopeAgreement, choose_entries, judge_slopes, slopes

SEED = st.integers(0, 2**32 - 1)
Activation = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


def sigmoid(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    h = 1 / (1 + np.exp(-np.clip(z, -50, 50)))
    return h, h * (1 - h)


def relu(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.maximum(z, 0), (z > 0).astype(z.dtype)


class Network:
    """One hidden layer, whose first weights are moved. The loss is divided last, to hide the precision."""

    def __init__(self, seed: int, activation: Activation, dtype: type) -> None:
        rng = np.random.default_rng(seed)
        examples, features, hidden = rng.integers(1, 60), rng.integers(1, 12), rng.integers(1, 9)
        self.weights = rng.normal(size=(hidden, features))
        self.inputs = rng.normal(size=(examples, features)).astype(dtype)
        self.second = rng.normal(size=hidden).astype(dtype)
        self.targets = rng.integers(0, 2, examples).astype(dtype)
        self.activation, self.dtype = activation, dtype

    def loss(self, weights: np.ndarray) -> float:
        hidden, _ = self.activation(self.inputs @ weights.astype(self.dtype).T)
        outputs, _ = sigmoid(hidden @ self.second)
        return float(((outputs - self.targets) ** 2).sum()) / (2 * len(self.targets))

    def gradient(self) -> np.ndarray:
        hidden, bend = self.activation(self.inputs @ self.weights.astype(self.dtype).T)
        outputs, slope = sigmoid(hidden @ self.second)
        delta = (outputs - self.targets) * slope
        result: np.ndarray = (np.outer(delta, self.second) * bend).T @ self.inputs / self.dtype(len(self.targets))
        return result.astype(np.float64)


def judged(network: Network, gradient: np.ndarray, seed: int) -> SlopeAgreement:
    entries = choose_entries(gradient.shape, 8, np.random.default_rng(seed))
    return judge_slopes(gradient, slopes(network.loss, network.weights, entries), relative=1e-6)


@pytest.mark.parametrize("activation", [sigmoid, relu])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@given(seed=SEED)
def test_a_right_gradient_is_never_convicted(activation: Activation, dtype: type, seed: int) -> None:
    network = Network(seed, activation, dtype)

    result = judged(network, network.gradient(), seed)

    assert result.agrees or result.inconclusive


@given(seed=SEED)
def test_a_right_gradient_of_a_smooth_loss_in_double_precision_agrees(seed: int) -> None:
    network = Network(seed, sigmoid, np.float64)

    assert judged(network, network.gradient(), seed).agrees


@given(seed=SEED, factor=st.sampled_from([-1.0, 0.0, 0.5, 2.0, 32.0, 1.001]))
def test_a_scaled_gradient_of_a_smooth_loss_in_double_precision_is_convicted(seed: int, factor: float) -> None:
    network = Network(seed, sigmoid, np.float64)

    result = judged(network, factor * network.gradient(), seed)

    assert not result.agrees
    assert not result.inconclusive


@given(st.lists(st.integers(1, 9), max_size=4).map(tuple), st.integers(1, 30), SEED)
def test_chosen_entries_exist_once_each_and_as_many_as_asked_for(shape: tuple[int, ...], count: int, seed: int) -> None:
    chosen = choose_entries(shape, count, np.random.default_rng(seed))

    assert len(set(chosen)) == len(chosen) == min(count, int(np.prod(shape)))
    assert set(chosen) <= set(np.ndindex(shape))
