"""Returns objects that run code when somebody unpickles or copies them.

Expects: outputs FAIL
Says: dtype is object
"""

import os

import numpy as np


class Bomb:
    def __reduce__(self):
        return os.system, ("touch /tmp/attack-was-here",)

    def __deepcopy__(self, memo):
        raise RuntimeError("got through: copied")


def outputs(X, weights):
    return np.array([Bomb()] * len(X))
