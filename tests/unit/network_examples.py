"""Small described networks for tests that need no framework."""

import numpy as np

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


def small_network(*, softmax=False, activation="relu", channels=2, bias=True):
    """6×6×1 → convolution 3×3 → batch norm → activation → pool 2 → flatten → dropout → dense 3."""
    layers = [
        Convolution(kernel=np.ones((3, 3, 1, channels)), bias=np.zeros(channels) if bias else None, label="features"),
        BatchNormalization(
            scale=np.ones(channels),
            shift=np.zeros(channels),
            mean=np.zeros(channels),
            variance=np.ones(channels),
            epsilon=1e-3,
            momentum=0.9,
        ),
        Activation(function=activation),
        Pooling(reduction="maximum", size=(2, 2), strides=(2, 2)),
        Flatten(),
        Dropout(rate=0.5),
        Dense(kernel=np.ones((4 * channels, 3)), bias=np.zeros(3), label="scores"),
    ]
    if softmax:
        layers.append(Activation(function="softmax"))
    return Network((6, 6, 1), tuple(layers))
