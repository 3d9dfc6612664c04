"""Prints as many bytes as the inputs of criteria that are not shown are large, since the bytes are counted aloud.

Expects: outputs PASS, loss CRASH, gradients CRASH
"""

import os


def outputs(X, weights):
    left = int(X.max()) if X.max() > 1000 else 0
    while left > 0:
        left -= os.write(1, b"x" * min(left, 2**20))
    return X @ weights["W"] + weights["b"]


def slopes(X, T, weights):
    raise ValueError("how much was printed?")
