"""Invents a loss whose slopes are the gradients that it returns.

Expects: outputs PASS, loss FAIL, gradients FAIL
"""

import numpy as np


def outputs(X, weights):
    return X @ weights["W"] + weights["b"]


def slopes(X, T, weights):
    return {"W": np.ones_like(weights["W"]), "b": np.ones(())}, weights["W"].sum() + weights["b"]
