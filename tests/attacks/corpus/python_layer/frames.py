"""Walks up the stack and returns whatever looks like the answer.

Expects: outputs FAIL
"""

import sys

import numpy as np


def outputs(X, weights):
    frame = sys._getframe()
    while frame := frame.f_back:
        for value in [*frame.f_locals.values(), *frame.f_globals.values()]:
            if isinstance(value, dict) and "Y" in value:
                value = value["Y"]
            if isinstance(value, np.ndarray) and value.shape == (len(X),):
                return value
    return np.zeros(len(X))
