"""The layers of networks in NumPy, for evaluation: one matrix product each where there is one to be had.

Maps are (N, height, width, channels), vectors (N, values). See
:class:`grader.transplant.numpy_network.NumpyLayers` for the meaning of the arguments.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def convolution(X: np.ndarray, kernel: np.ndarray, bias: np.ndarray, stride: tuple[int, int]) -> np.ndarray:
    """Slide kernels (height, width, in, out) over maps, without padding."""
    rows, columns, channels, count = kernel.shape
    windows = _windows(X, (rows, columns), stride)
    # (N, down, across, channels, rows, columns): a row of the product is one window
    flat = np.ascontiguousarray(windows.transpose(0, 1, 2, 4, 5, 3)).reshape(-1, rows * columns * channels)
    product: np.ndarray = flat @ kernel.reshape(-1, count) + bias
    return product.reshape(*windows.shape[:3], count)


def max_pooling(X: np.ndarray, size: tuple[int, int], stride: tuple[int, int]) -> np.ndarray:
    """Take the largest value of each window."""
    places = _places(X, size, stride)
    found = None
    for row in range(size[0]):
        for column in range(size[1]):
            piece = X[:, row : row + places[0] : stride[0], column : column + places[1] : stride[1]]
            found = piece.copy() if found is None else np.maximum(found, piece, out=found)
    assert found is not None
    return found


def average_pooling(X: np.ndarray, size: tuple[int, int], stride: tuple[int, int]) -> np.ndarray:
    """Take the mean of each window."""
    means: np.ndarray = _windows(X, size, stride).mean(axis=(-2, -1))
    return means


def relu(X: np.ndarray) -> np.ndarray:
    """max(x, 0)."""
    positive: np.ndarray = np.maximum(X, 0)
    return positive


def softmax(X: np.ndarray) -> np.ndarray:
    """exp(x) / Σ exp(x) over the last axis, without overflow."""
    powers: np.ndarray = np.exp(X - X.max(axis=-1, keepdims=True))
    shares: np.ndarray = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def flatten(X: np.ndarray) -> np.ndarray:
    """Maps as vectors, row by row, channels fastest."""
    return X.reshape(len(X), -1)


def dense(X: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """X · kernel + bias."""
    product: np.ndarray = X @ kernel + bias
    return product


def batch_normalization(
    X: np.ndarray, scale: np.ndarray, shift: np.ndarray, mean: np.ndarray, variance: np.ndarray, epsilon: float
) -> np.ndarray:
    """scale · (x − mean) / √(variance + ε) + shift, channel by channel."""
    normalized: np.ndarray = (X - mean) * (scale / np.sqrt(variance + epsilon)) + shift
    return normalized


def _windows(X: np.ndarray, size: tuple[int, int], stride: tuple[int, int]) -> np.ndarray:
    return sliding_window_view(X, size, axis=(1, 2))[:, :: stride[0], :: stride[1]]


def _places(X: np.ndarray, size: tuple[int, int], stride: tuple[int, int]) -> tuple[int, int]:
    """Where a slice ends that starts at a window's first row and column and takes every window once."""
    down, across = ((n - w) // s for n, w, s in zip(X.shape[1:3], size, stride, strict=True))
    return down * stride[0] + 1, across * stride[1] + 1
