"""Column vectors throughout: Y and Z2 are (N, 1), the gradient of b1 is (1, h), that of b2 (1, 1)."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward_propagation(X, weights):
    Z1 = X @ weights["W1"].T + weights["b1"].reshape(1, -1)
    H = sigmoid(Z1)
    Z2 = H @ weights["W2"].reshape(-1, 1) + weights["b2"]
    Y = sigmoid(Z2)
    return Y, Z2, H, Z1


def back_propagation(X, Y_T, weights):
    Y, _, H, _ = forward_propagation(X, weights)
    error = Y - Y_T.reshape(-1, 1)
    L = np.mean(error**2, axis=0, keepdims=True) / 2
    delta2 = error * Y * (1 - Y) / len(X)
    delta1 = delta2 @ weights["W2"].reshape(1, -1) * H * (1 - H)
    gradients = {
        "W1": delta1.T @ X,
        "b1": delta1.sum(axis=0, keepdims=True),
        "W2": H.T @ delta2,
        "b2": delta2.sum(axis=0, keepdims=True),
    }
    return gradients, L
