"""Says of its weights a text where names and shapes are expected.

Expects: layers CRASH, parameters CRASH, computes CRASH
"""

import _lying
import _work
import numpy as np

_lying.describe(weights=("a",))


def build_mlp():
    return _work.mlp()
