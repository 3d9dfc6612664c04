"""Replaces what turns a result into an array, so that the array sent is not the one returned.

Expects: outputs FAIL or CRASH
"""

import numpy as np

real = np.asarray
np.asarray = lambda value, *arguments, **options: real(0.0)
np.ascontiguousarray = lambda value, *arguments, **options: real([0.0] * 1000)


def outputs(X, weights):
    return real([0.0] * len(X))
