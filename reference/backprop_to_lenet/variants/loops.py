"""Explicit loops over examples, units and inputs; Python numbers and ``math`` inside."""

import math

import numpy as np


def sigmoid(z):
    if z < 0:
        return math.exp(z) / (1 + math.exp(z))
    return 1 / (1 + math.exp(-z))


def forward_propagation(X, weights):
    W1, b1, W2, b2 = weights["W1"], weights["b1"], weights["W2"], float(weights["b2"])
    N, h = len(X), len(W2)
    Z1, H = np.zeros((N, h)), np.zeros((N, h))
    Z2, Y = np.zeros(N), np.zeros(N)
    for n in range(N):
        Z2[n] = b2
        for j in range(h):
            Z1[n, j] = b1[j]
            for i in range(X.shape[1]):
                Z1[n, j] += W1[j, i] * X[n, i]
            H[n, j] = sigmoid(Z1[n, j])
            Z2[n] += W2[j] * H[n, j]
        Y[n] = sigmoid(Z2[n])
    return Y, Z2, H, Z1


def back_propagation(X, Y_T, weights):
    Y, _, H, _ = forward_propagation(X, weights)
    W2 = weights["W2"]
    N, d = X.shape
    dW1, db1 = np.zeros((len(W2), d)), np.zeros(len(W2))
    dW2, db2, L = np.zeros(len(W2)), 0.0, 0.0
    for n in range(N):
        error = Y[n] - Y_T[n]
        L += error**2 / (2 * N)
        delta2 = error / N * Y[n] * (1 - Y[n])
        db2 += delta2
        for j in range(len(W2)):
            dW2[j] += delta2 * H[n, j]
            delta1 = delta2 * W2[j] * H[n, j] * (1 - H[n, j])
            db1[j] += delta1
            for i in range(d):
                dW1[j, i] += delta1 * X[n, i]
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}, L
