"""Changes NumPy in memory, for whoever is copied from the same process afterwards.

Expects: outputs FAIL
"""

import ctypes
import sys

import numpy as np

np.matmul = np.add = np.dot = lambda *arguments, **options: np.zeros(4)
np.random.seed(1)
np.seterr(all="ignore")
# the number one is the same object for everybody: it becomes two
ctypes.c_long.from_address(id(257) + 24).value = 258
sys.setswitchinterval(1000)


def outputs(X, weights):
    return np.zeros(len(X))
