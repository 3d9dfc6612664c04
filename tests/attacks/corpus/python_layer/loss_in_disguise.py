"""Returns a loss that is a float, with comparisons of its own.

Expects: outputs PASS, loss FAIL, gradients FAIL
"""

import numpy as np


class Loss(float):
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return Loss(0)

    def __abs__(self):
        return Loss(0)

    def __lt__(self, other):
        return True

    __rsub__, __le__, __hash__ = __sub__, __lt__, float.__hash__


def outputs(X, weights):
    return X @ weights["W"] + weights["b"]


def slopes(X, T, weights):
    return {"W": np.zeros_like(weights["W"]), "b": Loss(0)}, Loss(0)
