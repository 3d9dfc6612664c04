"""Returns an array that answers every NumPy function itself, and says yes.

Expects: outputs FAIL
"""

import numpy as np


class Agreeable(np.ndarray):
    def __array_function__(self, function, types, arguments, keywords):
        return True


def outputs(X, weights):
    return np.zeros(len(X)).view(Agreeable)
