"""The convolution is written for 28×28 images and 3×3 kernels only.

Base: torch_sequential
File: forward_pass.py
Parts: numpy_pass
Fails: numpy_pass.convolution
"""

import numpy as np


def convolution(X, kernel, bias):
    result = np.zeros((len(X), 26, 26, 64))
    for i in range(26):
        for j in range(26):
            window = X[:, i : i + 3, j : j + 3]
            result[:, i, j] = np.tensordot(window, kernel, axes=((1, 2, 3), (0, 1, 2)))
    return result + bias
