"""The search for the largest value starts from 0, so a window of negative values gives 0.

Base: torch_sequential
File: forward_pass.py
Parts: numpy_pass
Fails: numpy_pass.max_pooling, numpy_pass.whole
"""

import numpy as np


def max_pooling(X):
    N, height, width, channels = X.shape
    result = np.zeros((N, height // 2, width // 2, channels))
    for k in range(2):
        for l in range(2):
            result = np.maximum(result, X[:, k::2, l::2])
    return result
