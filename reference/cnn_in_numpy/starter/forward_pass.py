"""Part 2b: the layers, and the forward pass of the network of part 2a. NumPy only.

Fill in the functions. Keep their names and arguments. Maps are (N, height, width, channels).
"""

import numpy as np


def convolution(X, kernel, bias):
    """Slide kernels (rows, columns, in, out) over maps (N, height, width, in): stride 1, no padding, bias (out,)."""
    raise NotImplementedError("convolution is still to be written")


def max_pooling(X):
    """Return the largest value of each 2×2 window, stride 2: (N, height / 2, width / 2, channels)."""
    raise NotImplementedError("max_pooling is still to be written")


def relu(X):
    """Return max(x, 0) for each value."""
    raise NotImplementedError("relu is still to be written")


def flatten(X):
    """Return (N, height · width · channels), in the order row, column, channel."""
    raise NotImplementedError("flatten is still to be written")


def dense(X, kernel, bias):
    """Return (N, out) for vectors (N, in), a kernel (in, out) and a bias (out,)."""
    raise NotImplementedError("dense is still to be written")


def softmax(Z):
    """Return the softmax of each row of Z, (N, classes)."""
    raise NotImplementedError("softmax is still to be written")


def forward_pass(X, weights):
    """Return what every layer gives for images X (N, 28, 28, 1), as a dict.

    The keys are conv1, pool1, relu1, flatten, dense1, relu2, logits and probabilities; weights is a dict like that of
    network_weights.
    """
    raise NotImplementedError("forward_pass is still to be written")
