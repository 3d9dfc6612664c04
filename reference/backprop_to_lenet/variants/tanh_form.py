"""The sigmoid as a hyperbolic tangent: σ(z) = (1 + tanh(z/2)) / 2, with the slope (1 − tanh²(z/2)) / 4."""

import numpy as np


def sigmoid(z):
    return 0.5 * (1 + np.tanh(z / 2))


def slope(z):
    return 0.25 * (1 - np.tanh(z / 2) ** 2)


def forward_propagation(X, weights):
    Z1 = np.dot(X, weights["W1"].T) + weights["b1"]
    H = sigmoid(Z1)
    Z2 = np.dot(H, weights["W2"]) + weights["b2"]
    return sigmoid(Z2), Z2, H, Z1


def back_propagation(X, Y_T, weights):
    Y, Z2, H, Z1 = forward_propagation(X, weights)
    L = 0.5 * np.mean((Y_T - Y) ** 2)
    delta2 = -(Y_T - Y) * slope(Z2)
    delta1 = delta2[:, np.newaxis] * weights["W2"] * slope(Z1)
    gradients = {
        "W1": np.dot(delta1.T, X) / len(X),
        "b1": np.mean(delta1, axis=0),
        "W2": np.dot(delta2, H) / len(X),
        "b2": np.mean(delta2),
    }
    return gradients, L
