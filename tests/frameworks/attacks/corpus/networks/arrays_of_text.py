"""Sends texts in the place of its network's arrays.

Expects: layers CRASH, parameters CRASH, computes CRASH
"""

import _lying
import _work
import numpy as np

_lying.describe(arrays=("a",) * 20)


def build_mlp():
    return _work.mlp()
