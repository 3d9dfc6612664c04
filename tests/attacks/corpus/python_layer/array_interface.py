"""Returns something that becomes another array each time it is asked for one.

Expects: outputs FAIL
Says: Shifty
"""

import numpy as np


class Shifty:
    calls = 0

    @property
    def __array_interface__(self):
        Shifty.calls += 1
        return np.full(4, Shifty.calls, float).__array_interface__

    def __array__(self, dtype=None, copy=None):
        Shifty.calls += 1
        return np.full(4, Shifty.calls, float)


def outputs(X, weights):
    return Shifty()
