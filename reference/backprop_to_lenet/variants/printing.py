"""Prints what it does, warns, and works on its own copies in place."""

import warnings

import numpy as np


def sigmoid(z):
    if np.max(np.abs(z)) > 700:
        warnings.warn("large pre-activations", stacklevel=2)
    z = np.clip(z, -700, 700)
    z *= -1
    np.exp(z, out=z)
    z += 1
    return 1 / z


def forward_propagation(X, weights):
    print("forward", X.shape)
    Z1 = X @ weights["W1"].T
    Z1 += weights["b1"]
    H = sigmoid(Z1)
    Z2 = H @ weights["W2"]
    Z2 += weights["b2"]
    return sigmoid(Z2), Z2, H, Z1


def back_propagation(X, Y_T, weights):
    Y, _, H, _ = forward_propagation(X, weights)
    error = Y - Y_T
    L = np.square(error).sum() / 2 / error.size
    print("loss", L)
    delta2 = error.copy()
    delta2 *= Y
    delta2 *= 1 - Y
    delta2 /= error.size
    delta1 = np.outer(delta2, weights["W2"])
    delta1 *= H
    delta1 *= 1 - H
    print("gradients done")
    return {"W1": delta1.T @ X, "b1": delta1.sum(0), "W2": delta2 @ H, "b2": delta2.sum()}, L
