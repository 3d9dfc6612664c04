"""A leaky ReLU: negative values stay, a hundredth as large.

Base: torch_sequential
File: forward_pass.py
Parts: numpy_pass
Fails: numpy_pass.relu_and_flatten, numpy_pass.whole
"""

import numpy as np


def relu(X):
    return np.where(X > 0, X, 0.01 * X)
