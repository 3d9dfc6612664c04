"""Model answer to part 2b: the forward pass of the network of part 2a, and its layers, in NumPy.

Maps are channels last, (N, height, width, channels), as in Keras; vectors are (N, values). The layers of the network:

    conv1           26×26×64    3×3 kernels, 1 → 64 channels, no padding
    pool1           13×13×64    the largest of each 2×2
    relu1           13×13×64
    flatten         10816       = 13·13·64
    dense1          1024
    relu2           1024
    logits          10
    probabilities   10          softmax

Nothing here loops over images, places or channels. A window of the image at every place is a *view*: an array whose
strides make it read the same memory several times, so that it costs nothing until it is multiplied.

Averaging, batch norm and "same" padding are not needed for this network; with them the functions cover the other
networks of the course too.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

WEIGHTS = ("conv1_kernel", "conv1_bias", "dense1_kernel", "dense1_bias", "logits_kernel", "logits_bias")


def windows(X, size, stride):
    """Return what a window sees at each of its places: V[n, i, j, c, k, l] = X[n, s₁ i + k, s₂ j + l, c].

    Args:
        X: maps, (N, height, width, channels).
        size: (rows, columns) of the window.
        stride: (s₁, s₂), how far the window moves down and across.

    Returns:
        A view, (N, ⌊(height − rows) / s₁⌋ + 1, ⌊(width − columns) / s₂⌋ + 1, channels, rows, columns).
    """
    return sliding_window_view(X, size, axis=(1, 2))[:, :: stride[0], :: stride[1]]


def pad_same(X, size, stride, value):
    """Surround maps so that a window has ⌈n / s⌉ places along a side of n values: "same" padding.

    The last place starts at (⌈n/s⌉ − 1) s and needs ``size`` values from there on, so

        p = max((⌈n/s⌉ − 1) s + size − n, 0)

    values are missing. Half of them go in front; an odd one goes behind, as in TensorFlow.

    Args:
        X: maps, (N, height, width, channels).
        size, stride: of the window, each (down, across).
        value: what to fill in.
    """
    sides = []
    for n, k, s in zip(X.shape[1:3], size, stride, strict=True):
        missing = max((-(-n // s) - 1) * s + k - n, 0)
        sides.append((missing // 2, missing - missing // 2))
    return np.pad(X, ((0, 0), *sides, (0, 0)), constant_values=value)


def convolution(X, kernel, bias, stride=(1, 1), padding="valid"):
    """Slide a set of kernels over maps.

        Y[n, i, j, o] = bₒ + Σₖ Σₗ Σ꜀ X[n, s₁ i + k, s₂ j + l, c] · K[k, l, c, o]

    The three sums are one matrix product of the windows, written as rows, with the kernels, written as columns. As in
    every framework the kernel is not flipped, so in mathematics this is called cross-correlation.

    Args:
        X: maps, (N, height, width, channels in).
        kernel: K, (rows, columns, channels in, channels out).
        bias: b, (channels out,).
        stride: (s₁, s₂).
        padding: "valid" (none) or "same" (zeros, see :func:`pad_same`).

    Returns:
        Maps, (N, places down, places across, channels out).
    """
    size = kernel.shape[:2]
    if padding == "same":
        X = pad_same(X, size, stride, 0)
    V = windows(X, size, stride)
    return np.tensordot(V, kernel, axes=((4, 5, 3), (0, 1, 2))) + bias


def max_pooling(X, size=(2, 2), stride=(2, 2), padding="valid"):
    """Take the largest value of each window, channel by channel. Windows overlap where the stride is below the size.

        Y[n, i, j, c] = max over k, l of X[n, s₁ i + k, s₂ j + l, c]

    "Same" padding must never be the largest, so it is −∞ here and not zero.
    """
    if padding == "same":
        X = pad_same(X, size, stride, -np.inf)
    return windows(X, size, stride).max(axis=(4, 5))


def average_pooling(X, size=(2, 2), stride=(2, 2), padding="valid"):
    """Take the mean of each window, channel by channel.

        Y[n, i, j, c] = mean over k, l of X[n, s₁ i + k, s₂ j + l, c]

    "Same" padding is left out of the mean: the mean of the padded window is divided by the share of it that lies on
    the map.
    """
    if padding == "same":
        share = windows(pad_same(np.ones_like(X[:1]), size, stride, 0), size, stride).mean(axis=(4, 5))
        return windows(pad_same(X, size, stride, 0), size, stride).mean(axis=(4, 5)) / share
    return windows(X, size, stride).mean(axis=(4, 5))


def relu(X):
    """Return max(x, 0) for each value."""
    return np.maximum(X, 0)


def flatten(X):
    """Write each map as one row, (N, height · width · channels): row by row, channels fastest."""
    return X.reshape(len(X), -1)


def dense(X, kernel, bias):
    """Return X W + b.

    Args:
        X: (N, values in).
        kernel: W, (values in, values out).
        bias: b, (values out,).
    """
    return X @ kernel + bias


def batch_normalization(X, scale, shift, mean, variance, epsilon):
    """Normalize each channel with the mean and variance kept from training.

        Y = γ (X − μ) / √(σ² + ε) + β

    Args:
        X: (N, …, channels).
        scale, shift, mean, variance: γ, β, μ and σ², (channels,) each.
        epsilon: ε; 1e-3 in Keras, 1e-5 in PyTorch unless something else is asked for.
    """
    return scale * (X - mean) / np.sqrt(variance + epsilon) + shift


def softmax(Z):
    """Return pⱼ = e^zⱼ / Σᵢ e^zᵢ along the last axis.

    Numerator and denominator are divided by e^max z, so the largest exponent is 0 and nothing overflows.
    """
    e = np.exp(Z - Z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def weights_from_keras(arrays):
    """Name the six arrays that ``network.get_weights()`` returns. Keras has them as this file needs them."""
    return dict(zip(WEIGHTS, arrays, strict=True))


def weights_from_torch(arrays):
    """Name the six arrays of ``network.state_dict()`` and put them into the layout of this file.

    PyTorch stores kernels (out, in, rows, columns) and dense weights (out, in). It flattens maps channels first, so
    the 10816 inputs of its first dense layer stand in the order channel, row, column; here they are wanted in the
    order row, column, channel.

    Args:
        arrays: the values of the state dict, in its order, as NumPy arrays.
    """
    kernel, conv1_bias, dense1, dense1_bias, logits, logits_bias = arrays
    channels, side = len(kernel), 13
    dense1 = dense1.reshape(-1, channels, side, side).transpose(2, 3, 1, 0).reshape(side * side * channels, -1)
    named = (kernel.transpose(2, 3, 1, 0), conv1_bias, dense1, dense1_bias, logits.T, logits_bias)
    return dict(zip(WEIGHTS, named, strict=True))


def forward_pass(X, weights):
    """Compute what every layer of the network gives.

    Args:
        X: images, (N, 28, 28, 1), scaled as in training.
        weights: dict with ``conv1_kernel`` (3, 3, 1, 64), ``conv1_bias`` (64,), ``dense1_kernel`` (10816, 1024),
            ``dense1_bias`` (1024,), ``logits_kernel`` (1024, 10) and ``logits_bias`` (10,).

    Returns:
        dict of arrays, each (N, …) with the shapes in the table above: ``conv1``, ``pool1``, ``relu1``, ``flatten``,
        ``dense1``, ``relu2``, ``logits``, ``probabilities``.
    """
    outputs = {}
    outputs["conv1"] = convolution(X, weights["conv1_kernel"], weights["conv1_bias"])
    outputs["pool1"] = max_pooling(outputs["conv1"])
    outputs["relu1"] = relu(outputs["pool1"])
    outputs["flatten"] = flatten(outputs["relu1"])
    outputs["dense1"] = dense(outputs["flatten"], weights["dense1_kernel"], weights["dense1_bias"])
    outputs["relu2"] = relu(outputs["dense1"])
    outputs["logits"] = dense(outputs["relu2"], weights["logits_kernel"], weights["logits_bias"])
    outputs["probabilities"] = softmax(outputs["logits"])
    return outputs


def largest_differences(ours, theirs):
    """Return max |a − b| for each layer that is in both dicts.

    Compare on many images and look at the logits: a softmax that is 1.0 for one class hides every error before it.
    """
    return {name: float(np.abs(ours[name] - theirs[name]).max()) for name in ours if name in theirs}
