"""One matrix product for the convolution; nested lists of Python numbers come back from the softmax."""

import math

import numpy as np


def convolution(X, kernel, bias):
    rows, columns, channels, count = kernel.shape
    down, across = X.shape[1] - rows + 1, X.shape[2] - columns + 1
    pieces = [X[:, k : k + down, l : l + across, :] for k in range(rows) for l in range(columns)]  # noqa: E741
    return np.concatenate(pieces, axis=-1) @ kernel.reshape(rows * columns * channels, count) + bias


def max_pooling(X):
    corners = X[:, ::2, ::2], X[:, 1::2, ::2], X[:, ::2, 1::2], X[:, 1::2, 1::2]
    return np.max(corners, axis=0)


def relu(X):
    return X * (X > 0)


def flatten(X):
    N = X.shape[0]
    return X.reshape(N, X.size // N)


def dense(X, kernel, bias):
    return np.dot(X, kernel) + bias


def softmax(Z):
    rows = []
    for row in Z.tolist():
        largest = max(row)
        exponentials = [math.exp(z - largest) for z in row]
        rows.append([e / sum(exponentials) for e in exponentials])
    return rows


def forward_pass(X, weights):
    """A tuple, in the order of the handout's table."""
    conv1 = convolution(X, weights["conv1_kernel"], weights["conv1_bias"])
    pool1 = max_pooling(conv1)
    relu1 = relu(pool1)
    flat = flatten(relu1)
    dense1 = dense(flat, weights["dense1_kernel"], weights["dense1_bias"])
    relu2 = relu(dense1)
    logits = dense(relu2, weights["logits_kernel"], weights["logits_bias"])
    return conv1, pool1, relu1, flat, dense1, relu2, logits, np.array(softmax(logits))
