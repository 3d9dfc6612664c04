"""Returns infinity.

Expects: outputs FAIL
"""

import numpy as np


def outputs(X, weights):
    return np.full(len(X), np.inf)
