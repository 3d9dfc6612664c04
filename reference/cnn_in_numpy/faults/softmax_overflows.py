"""The softmax as the formula is written: exp(1000) is infinite.

Base: torch_sequential
File: forward_pass.py
Parts: numpy_pass
Fails: numpy_pass.large_scores
"""

import numpy as np


def softmax(Z):
    e = np.exp(Z)
    return e / e.sum(axis=1, keepdims=True)
