"""Returns numbers that JSON does not have.

Expects: outputs FAIL, loss FAIL, gradients FAIL
"""

import numpy as np


def outputs(X, weights):
    return np.array([np.nan, np.inf, -np.inf, 1e308] * len(X))[: len(X)]


def slopes(X, T, weights):
    return {"W": np.full(3, -np.inf), "b": np.float16("nan")}, np.float64("-inf")
