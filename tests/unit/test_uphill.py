"""One slope along a random line: right gradients agree, wrong ones do not, and neither is decided by the noise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.numerics.noise import Failure, noise_from
from grader.numerics.uphill import judge_line, line_noise_points, line_points, uphill

SHAPES = {"W1": (4, 3), "b1": (4,), "W2": (4,), "b2": ()}


def network(seed):
    """A loss of four arrays and its gradients: half the mean square of a network with one hidden layer."""
    rng = np.random.default_rng(seed)
    X, targets = rng.normal(size=(20, 3)), rng.normal(size=20)
    at = {name: rng.normal(size=shape) for name, shape in SHAPES.items()}

    def loss(a):
        hidden = np.tanh(X @ a["W1"].T + a["b1"])
        return 0.5 * np.mean((hidden @ a["W2"] + a["b2"] - targets) ** 2)

    hidden = np.tanh(X @ at["W1"].T + at["b1"])
    error = (hidden @ at["W2"] + at["b2"] - targets) / len(X)
    inner = np.outer(error, at["W2"]) * (1 - hidden**2)
    gradients = {"W1": inner.T @ X, "b1": inner.sum(0), "W2": hidden.T @ error, "b2": error.sum()}
    return loss, at, gradients, rng


def judged(loss, at, gradients, rng, relative=1e-6):
    line = uphill(gradients, at, rng)
    noise = noise_from([loss(line.arrays(t)) for t in line_noise_points()])
    return judge_line(line, noise, [loss(line.arrays(t)) for t in line_points(noise)], relative=relative)


@given(seed=st.integers(0, 2**32 - 1))
def test_right_gradients_agree_and_wrong_ones_do_not(seed):
    loss, at, gradients, rng = network(seed)
    assert judged(loss, at, gradients, rng).agrees
    name = rng.choice([name for name in SHAPES if np.abs(gradients[name]).max() > 1e-3])
    for wrong in (-gradients[name], 2 * gradients[name], 0 * gradients[name], gradients[name] + 1):
        found = judged(loss, at, {**gradients, name: wrong}, rng)
        assert not found.agrees
        assert not found.inconclusive


@given(seed=st.integers(0, 2**32 - 1))
def test_a_loss_in_single_precision_never_convicts_right_gradients(seed):
    loss, at, gradients, rng = network(seed)
    found = judged(lambda arrays: float(np.float32(loss(arrays))), at, gradients, rng)
    assert found.agrees or found.inconclusive


@given(seed=st.integers(0, 2**32 - 1))
def test_every_entry_pulls_the_same_way_and_the_line_begins_at_the_arrays(seed):
    _, at, gradients, rng = network(seed)
    line = uphill(gradients, at, rng)
    assert all((line.direction[name] * gradients[name] >= 0).all() for name in SHAPES)
    assert line.rate == pytest.approx(sum(np.sum(line.direction[name] * gradients[name]) for name in SHAPES))
    assert all(np.array_equal(line.arrays(0.0)[name], at[name]) for name in SHAPES)


def test_a_loss_that_fails_on_the_line_decides_nothing():
    _, at, gradients, rng = network(0)
    line = uphill(gradients, at, rng)
    noise = noise_from([Failure("could not be evaluated near this point")] * 13)
    found = judge_line(line, noise, [Failure("could not be evaluated near this point")] * 4, relative=1e-6)
    assert found.inconclusive
    assert found.reason == "your loss could not be evaluated near this point"
