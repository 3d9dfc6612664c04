"""Sends an array with nothing in it, for every case.

Expects: outputs FAIL
Says: is empty
"""

import numpy as np


def outputs(X, weights):
    return np.zeros((0, 5))
