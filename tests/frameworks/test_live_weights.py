"""What counts as the numbers of a live network: every array once, and which of them training changes."""

import pytest

from grader.sandbox.worker.operations.live import adopt

torch = pytest.importorskip("torch")
keras = pytest.importorskip("keras")

from keras import layers  # noqa: E402 - only where Keras is installed
from torch import nn  # noqa: E402


def counts(model):
    weights = adopt(model, "networks.py", (6,)).weights()
    sizes = [int(torch.tensor(weight.shape).prod()) for weight in weights]
    trained = sum(size for size, weight in zip(sizes, weights, strict=True) if weight.trained)
    return sum(sizes), trained


class Tied(nn.Module):
    """Two layers of their own with one kernel."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(6, 6), nn.Linear(6, 6)
        self.second.weight = self.first.weight

    def forward(self, x):
        return self.second(torch.relu(self.first(x)))


def torch_twice():
    layer = nn.Linear(6, 6)
    return nn.Sequential(layer, nn.ReLU(), layer)


def keras_twice():
    layer = layers.Dense(6)
    inputs = keras.Input((6,))
    return keras.Model(inputs, layer(keras.activations.relu(layer(inputs))))


def torch_frozen():
    network = nn.Sequential(nn.Linear(6, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    network[0].requires_grad_(False)
    return network


def keras_frozen():
    network = keras.Sequential([keras.Input((6,)), layers.Dense(4), layers.BatchNormalization(), layers.Dense(2)])
    network.layers[0].trainable = False
    return network


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (torch_twice, (42, 42)),
        (keras_twice, (42, 42)),
        (Tied, (48, 48)),
        # 28 frozen, 8 of batch norm's 16 are running figures, 10 at the end
        (torch_frozen, (54, 18)),
        (keras_frozen, (54, 18)),
        (lambda: nn.Sequential(nn.Linear(6, 6), nn.Dropout()).double(), (42, 42)),
        (lambda: keras.Sequential([keras.Input((6,)), layers.Dense(6), layers.Dropout(0.5)]), (42, 42)),
    ],
)
def test_each_array_counts_once_and_frozen_ones_as_not_trained(build, expected):
    assert counts(build()) == expected
