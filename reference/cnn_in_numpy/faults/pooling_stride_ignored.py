"""The window of the pooling moves by one place instead of two.

Base: torch_sequential
File: forward_pass.py
Parts: numpy_pass
Fails: numpy_pass.max_pooling, numpy_pass.whole
"""

from numpy.lib.stride_tricks import sliding_window_view


def max_pooling(X):
    return sliding_window_view(X, (2, 2), axis=(1, 2)).max(axis=(4, 5))
