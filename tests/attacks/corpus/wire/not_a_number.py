"""Returns nothing but values that are not numbers, in every bit pattern.

Expects: outputs FAIL
Says: nan
"""

import numpy as np


def outputs(X, weights):
    patterns = np.full(len(X), 0x7FF8_DEAD_BEEF_0001, np.uint64)
    patterns[::2] |= np.uint64(1 << 63)
    return patterns.view(float)
