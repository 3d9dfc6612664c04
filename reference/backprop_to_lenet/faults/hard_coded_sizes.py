"""The loops of the backward pass run over three hidden units and two inputs, whatever comes in.

Fails: other_sizes, unseen
"""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward_propagation(X, weights):
    Z1 = X @ weights["W1"].T + weights["b1"]
    H = sigmoid(Z1)
    Z2 = H @ weights["W2"] + weights["b2"]
    Y = sigmoid(Z2)
    return Y, Z2, H, Z1


def back_propagation(X, Y_T, weights):
    Y, Z2, H, Z1 = forward_propagation(X, weights)
    N = len(X)
    L = np.sum((Y - Y_T) ** 2) / (2 * N)
    dW1 = np.zeros((3, 2))
    db1 = np.zeros(3)
    dW2 = np.zeros(3)
    error = (Y - Y_T) * Y * (1 - Y) / N
    for j in range(3):
        dW2[j] = np.sum(error * H[:, j])
        back = error * weights["W2"][j] * H[:, j] * (1 - H[:, j])
        db1[j] = np.sum(back)
        for i in range(2):
            dW1[j, i] = np.sum(back * X[:, i])
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": np.sum(error)}, L
