"""Prints many megabytes, and then answers.

Expects: outputs PASS
"""

import os


def outputs(X, weights):
    for _ in range(16):
        os.write(1, b"x" * 2**20)
    return X @ weights["W"] + weights["b"]
