import numpy as np


def sigmoid(z):
    return np.exp(z) / (1 + np.exp(z))


def forward_propagation(X, weights):
    Z1 = X @ weights["W1"].T + weights["b1"]
    H = sigmoid(Z1)
    Z2 = H @ weights["W2"] + weights["b2"]
    Y = sigmoid(Z2)
    return Y, Z2, H, Z1


def back_propagation(X, Y_T, weights):
    Y, Z2, H, Z1 = forward_propagation(X, weights)

    # mean squared error
    L = np.mean((Y - Y_T) ** 2)

    N = len(X)
    d2 = (Y - Y_T) * Y * (1 - Y)
    dW2 = H.T @ d2 / N
    db2 = np.sum(d2) / N

    d1 = np.outer(d2, weights["W2"]) * H * (1 - H)
    dW1 = d1.T @ X
    db1 = np.sum(d1)

    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}, L
