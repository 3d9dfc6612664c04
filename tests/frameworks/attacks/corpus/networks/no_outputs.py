"""Gives no number for an image, and a row for each.

Expects: layers NEEDS_REVIEW, parameters NEEDS_REVIEW, computes FAIL or NEEDS_REVIEW, trained FAIL or CRASH, apart FAIL or CRASH
"""

import _work
from torch import nn


class Empty(nn.Sequential):
    calls = 0

    def forward(self, x):
        Empty.calls += 1
        return super().forward(x)[:, : 0 if Empty.calls > 1 else None]


def build_mlp():
    return Empty(*_work.mlp())


def train_mlp(network, x, y, x_validation, y_validation, epochs):
    return {"loss": [1.0] * epochs}
