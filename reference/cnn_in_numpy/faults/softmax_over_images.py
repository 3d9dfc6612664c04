"""The softmax is taken over the images, not over the classes.

Base: torch_sequential
File: forward_pass.py
Parts: numpy_pass
Fails: numpy_pass.softmax, numpy_pass.whole
Blocks: numpy_pass.large_scores
"""

import numpy as np


def softmax(Z):
    e = np.exp(Z - Z.max(axis=0))
    return e / e.sum(axis=0)
