"""Takes all memory, in pieces that are written to.

Expects: outputs MEMORY or TIMEOUT
"""

import numpy as np


def outputs(X, weights):
    hoard = []
    while True:
        hoard.append(np.ones(2**22))
