"""Lets the garbage collector run its code while the answer is being sent.

Expects: outputs FAIL or CRASH
"""

import gc
import os

import numpy as np


class Last:
    def __del__(self):
        os.write(3, b"PASS" * 100)


def outputs(X, weights):
    answer = np.zeros(len(X), dtype=object)
    answer[:] = [Last() for _ in range(len(X))]
    gc.set_threshold(1)
    return answer
