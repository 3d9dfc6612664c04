"""The mean of each window is taken instead of its largest value.

Base: torch_sequential
File: forward_pass.py
Parts: numpy_pass
Fails: numpy_pass.max_pooling, numpy_pass.whole
"""

def max_pooling(X):
    N, height, width, channels = X.shape
    return X.reshape(N, height // 2, 2, width // 2, 2, channels).mean(axis=(2, 4))
