"""Loops over places and channels, double precision throughout, and ReLU before the pooling: the same pass."""

import numpy as np


def convolution(images, filters, offsets):
    images, filters = np.asarray(images, dtype=float), np.asarray(filters, dtype=float)
    height, width, _, count = filters.shape
    down, across = images.shape[1] - height + 1, images.shape[2] - width + 1
    result = np.zeros((images.shape[0], down, across, count))
    for i in range(down):
        for j in range(across):
            window = images[:, i : i + height, j : j + width, :]
            result[:, i, j, :] = np.einsum("nklc,klco->no", window, filters)
    return result + offsets


def max_pooling(images, size=2, stride=2):
    count, height, width, channels = images.shape
    result = np.full((count, (height - size) // stride + 1, (width - size) // stride + 1, channels), -np.inf)
    for i in range(result.shape[1]):
        for j in range(result.shape[2]):
            window = images[:, i * stride : i * stride + size, j * stride : j * stride + size]
            result[:, i, j] = window.max(axis=(1, 2))
    return result


def relu(values):
    return np.where(values > 0, values, 0)


def flatten(images):
    return np.array([image.ravel() for image in images])


def dense(values, matrix, offsets):
    return np.stack([matrix.astype(float).T @ row + offsets for row in np.asarray(values, dtype=float)])


def softmax(scores):
    rows = []
    for row in scores:
        shifted = row - np.max(row)
        rows.append(np.exp(shifted - np.log(np.exp(shifted).sum())))
    return np.array(rows)


def forward_pass(images, weights):
    conv1 = convolution(images, weights["conv1_kernel"], weights["conv1_bias"])
    relu1 = relu(conv1)
    pool1 = max_pooling(relu1)
    flat = flatten(pool1)
    dense1 = dense(flat, weights["dense1_kernel"], weights["dense1_bias"])
    relu2 = relu(dense1)
    logits = dense(relu2, weights["logits_kernel"], weights["logits_bias"])
    return dict(
        conv1=conv1, relu1=relu1, pool1=pool1, flatten=flat, dense1=dense1, relu2=relu2, logits=logits,
        probabilities=softmax(logits),
    )  # fmt: skip


def network_weights(network):
    """In this file, and without a word of PyTorch: the methods of the network are enough."""
    by_name = {name: values.detach().numpy() for name, values in network.named_parameters()}
    dense1 = by_name["classifier.0.weight"].T.reshape(64, 169, 1024)
    return {
        "conv1_kernel": np.moveaxis(by_name["features.weight"], (0, 1), (3, 2)),
        "conv1_bias": by_name["features.bias"],
        "dense1_kernel": np.swapaxes(dense1, 0, 1).reshape(-1, 1024),
        "dense1_bias": by_name["classifier.0.bias"],
        "logits_kernel": by_name["classifier.2.weight"].T,
        "logits_bias": by_name["classifier.2.bias"],
    }
