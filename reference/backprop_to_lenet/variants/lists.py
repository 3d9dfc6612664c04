"""Lists of Python numbers come back, in lists, instead of arrays in tuples."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def compute(X, weights):
    Z1 = X @ weights["W1"].T + weights["b1"]
    H = sigmoid(Z1)
    Z2 = H @ weights["W2"] + weights["b2"]
    return sigmoid(Z2), Z2, H, Z1


def forward_propagation(X, weights):
    return [values.tolist() for values in compute(X, weights)]


def back_propagation(X, Y_T, weights):
    Y, _, H, _ = compute(X, weights)
    N = len(X)
    L = float(np.sum((Y - Y_T) ** 2) / (2 * N))
    delta2 = (Y - Y_T) * Y * (1 - Y) / N
    delta1 = np.outer(delta2, weights["W2"]) * H * (1 - H)
    gradients = {
        "W1": (delta1.T @ X).tolist(),
        "b1": delta1.sum(axis=0).tolist(),
        "W2": (H.T @ delta2).tolist(),
        "b2": float(delta2.sum()),
    }
    return [gradients, L]
