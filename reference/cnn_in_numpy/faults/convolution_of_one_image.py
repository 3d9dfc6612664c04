"""Only the first image of a batch goes through the convolution.

Base: torch_sequential
File: forward_pass.py
Parts: numpy_pass
Fails: numpy_pass.convolution, numpy_pass.whole
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def convolution(X, kernel, bias):
    windows = sliding_window_view(X[0], kernel.shape[:2], axis=(0, 1))
    return np.tensordot(windows, kernel, axes=((3, 4, 2), (0, 1, 2)))[np.newaxis] + bias
