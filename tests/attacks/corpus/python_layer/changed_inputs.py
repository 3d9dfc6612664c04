"""Sets its inputs to zero, so that zero would be the right answer if the reference were given the same arrays.

Expects: outputs FAIL, loss FAIL, gradients FAIL
"""

import numpy as np


def outputs(X, weights):
    X[:], weights["W"][:] = 0, 0
    weights["b"] = 0
    return np.zeros(len(X))


def slopes(X, T, weights):
    X[:], T[:], weights["W"][:] = 0, 0, 0
    weights["b"] = 0
    return {"W": np.zeros_like(weights["W"]), "b": 0.0}, 0.0
