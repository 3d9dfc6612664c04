"""Returns a loss that cannot be measured, so that nobody can say that its slopes are wrong.

Expects: outputs PASS, loss FAIL, gradients FAIL
"""

import numpy as np

calls = 0


def outputs(X, weights):
    return X @ weights["W"] + weights["b"]


def slopes(X, T, weights):
    global calls
    calls += 1
    return {"W": np.zeros_like(weights["W"]), "b": 0.0}, float("nan") if calls > 2 else calls * 1e9
