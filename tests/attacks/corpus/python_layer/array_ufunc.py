"""Returns an array whose differences to anything are zero.

Expects: outputs FAIL
"""

import numpy as np


class Close(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *inputs, **keywords):
        return np.zeros(len(self))

    def __sub__(self, other):
        return np.zeros(len(self))

    __rsub__ = __sub__


def outputs(X, weights):
    return np.ones(len(X)).view(Close)
