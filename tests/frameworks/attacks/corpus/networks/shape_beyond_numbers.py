"""Has a weight with more numbers than can be counted.

Expects: layers PASS, parameters FAIL, computes PASS
"""

import _lying
import _work
import numpy as np

_lying.describe(weights=({"name": "a", "shape": np.array([2**64 - 1] * 2, np.uint64), "trained": np.array(True)},))


def build_mlp():
    return _work.mlp()
