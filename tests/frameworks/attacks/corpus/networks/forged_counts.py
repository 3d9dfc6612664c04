"""Says that it cannot be read, and shows the parameters of the right network.

Expects: layers NEEDS_REVIEW, parameters NEEDS_REVIEW, computes CRASH
"""

import _lying
import numpy as np
from torch import nn

SHAPES = ((128, 784), (128,), (64, 128), (64,), (10, 64), (10,))
_lying.describe(
    structure=None,
    arrays=(),
    why_not="it is secret",
    weights=tuple({"name": "w", "shape": np.array(shape), "trained": np.array(True)} for shape in SHAPES),
)


def build_mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
