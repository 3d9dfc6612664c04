"""The bias of the convolution is forgotten.

Base: torch_sequential
File: forward_pass.py
Parts: numpy_pass
Fails: numpy_pass.convolution, numpy_pass.whole
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def convolution(X, kernel, bias):
    windows = sliding_window_view(X, kernel.shape[:2], axis=(1, 2))
    return np.tensordot(windows, kernel, axes=((4, 5, 3), (0, 1, 2)))
