"""Rows and columns of the kernel are exchanged: no shape shows it, as the kernel is square.

Base: torch_sequential
File: forward_pass.py
Parts: numpy_pass
Fails: numpy_pass.convolution, numpy_pass.whole
"""

import numpy as np


def convolution(X, kernel, bias):
    size = kernel.shape[0]
    down, across = X.shape[1] - size + 1, X.shape[2] - size + 1
    result = np.zeros((len(X), down, across, kernel.shape[3]))
    for i in range(size):
        for j in range(size):
            result += X[:, j : j + down, i : i + across] @ kernel[i, j]
    return result + bias
