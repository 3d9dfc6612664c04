"""Prints what it is asked, in criteria that are not shown too.

Expects: outputs PASS, loss CRASH, gradients CRASH
"""

import sys


def outputs(X, weights):
    print(float(X.max()), float(X.max() * 2), flush=True)
    print(float(X.max()), file=sys.stderr, flush=True)
    return X @ weights["W"] + weights["b"]


def slopes(X, T, weights):
    raise ValueError("look at what I printed")
