"""back_propagation reads the notebook's variables instead of its arguments.

Fails: loss, gradients, one_example, other_sizes, extreme, unseen
"""

import numpy as np

np.random.seed(0)
w = {"W1": np.random.randn(3, 2), "b1": np.zeros(3), "W2": np.random.randn(3), "b2": 0}


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward_propagation(X, weights):
    Z1 = X @ weights["W1"].T + weights["b1"]
    H = sigmoid(Z1)
    Z2 = H @ weights["W2"] + weights["b2"]
    Y = sigmoid(Z2)
    return Y, Z2, H, Z1


def back_propagation(X, Y_T, weights):
    Y, Z2, H, Z1 = forward_propagation(X, w)
    N = X.shape[0]
    L = np.sum((Y - Y_T) ** 2) / (2 * N)
    delta2 = (Y - Y_T) * Y * (1 - Y) / N
    delta1 = np.outer(delta2, w["W2"]) * H * (1 - H)
    gradients = {
        "W1": delta1.T @ X,
        "b1": delta1.sum(axis=0),
        "W2": H.T @ delta2,
        "b2": delta2.sum(),
    }
    return gradients, L
