"""Everything in float32."""

import numpy as np


def sigmoid(z):
    return np.float32(1) / (np.float32(1) + np.exp(-z))


def singles(weights):
    return {key: np.asarray(value, dtype=np.float32) for key, value in weights.items()}


def forward_propagation(X, weights):
    w = singles(weights)
    Z1 = np.asarray(X, dtype=np.float32) @ w["W1"].T + w["b1"]
    H = sigmoid(Z1)
    Z2 = H @ w["W2"] + w["b2"]
    return sigmoid(Z2), Z2, H, Z1


def back_propagation(X, Y_T, weights):
    w = singles(weights)
    Y, _, H, _ = forward_propagation(X, w)
    error = Y - np.asarray(Y_T, dtype=np.float32)
    L = np.mean(error**2) / np.float32(2)
    delta2 = error * Y * (1 - Y) / np.float32(len(X))
    delta1 = np.outer(delta2, w["W2"]) * H * (1 - H)
    gradients = {
        "W1": delta1.T @ np.asarray(X, dtype=np.float32),
        "b1": delta1.sum(axis=0),
        "W2": H.T @ delta2,
        "b2": delta2.sum(),
    }
    return gradients, L
