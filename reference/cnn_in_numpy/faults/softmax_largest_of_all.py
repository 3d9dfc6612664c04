"""The largest score of all images is subtracted: those far below it come out as 0 / 0.

Base: torch_sequential
File: forward_pass.py
Parts: numpy_pass
Fails: numpy_pass.large_scores
"""

import numpy as np


def softmax(Z):
    e = np.exp(Z - Z.max())
    return e / e.sum(axis=1, keepdims=True)
