"""Gives an array for the name of its class.

Expects: layers CRASH, parameters CRASH, computes CRASH
"""

import _lying
import _work
import numpy as np

_lying.describe(class_name=np.zeros(3))


def build_mlp():
    return _work.mlp()
