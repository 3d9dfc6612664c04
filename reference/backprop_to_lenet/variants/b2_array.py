"""b2 and its gradient as arrays of shape (1,), and the loss too."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward_propagation(X, weights):
    b2 = np.reshape(weights["b2"], (1,))
    Z1 = X @ weights["W1"].T + weights["b1"]
    H = sigmoid(Z1)
    Z2 = H @ weights["W2"] + b2
    Y = sigmoid(Z2)
    return Y, Z2, H, Z1


def back_propagation(X, Y_T, weights):
    Y, _, H, _ = forward_propagation(X, weights)
    N = Y_T.shape[0]
    L = np.array([np.sum((Y - Y_T) ** 2) / (2 * N)])
    delta2 = (Y - Y_T) * Y * (1 - Y) / N
    delta1 = np.outer(delta2, weights["W2"]) * H * (1 - H)
    gradients = {
        "W1": delta1.T @ X,
        "b1": np.sum(delta1, axis=0),
        "W2": H.T @ delta2,
        "b2": np.array([np.sum(delta2)]),
    }
    return gradients, L
