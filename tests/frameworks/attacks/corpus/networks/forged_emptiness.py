"""Puts rows without numbers in the place of what a network gives.

Expects: layers NEEDS_REVIEW, parameters NEEDS_REVIEW, computes FAIL, trained FAIL, apart FAIL
"""

import _lying
import _work
import numpy as np

_lying.return_instead(np.zeros((8, 0)))


def build_mlp():
    return _work.mlp()


def train_mlp(network, x, y, x_validation, y_validation, epochs):
    return {"loss": [1.0] * epochs}
