"""Returns an array that lies about its dtype, its shape and its size.

Expects: outputs FAIL or CRASH
"""

import numpy as np


class Liar(np.ndarray):
    dtype = np.dtype("f8")
    shape = (4,)
    nbytes = 0
    size = 0

    def __len__(self):
        return 2**62


def outputs(X, weights):
    return np.zeros((len(X), 1000)).view(Liar)
