"""Every sum written with its indices."""

import numpy as np


def sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))


def forward_propagation(X, weights):
    Z1 = np.einsum("ni,ji->nj", X, weights["W1"]) + weights["b1"]
    H = sigmoid(Z1)
    Z2 = np.einsum("nj,j->n", H, weights["W2"]) + weights["b2"]
    return sigmoid(Z2), Z2, H, Z1


def back_propagation(X, Y_T, weights):
    Y, _, H, _ = forward_propagation(X, weights)
    error = Y - Y_T
    L = np.einsum("n,n->", error, error) / (2 * len(error))
    delta2 = error * Y * (1 - Y) / len(error)
    delta1 = np.einsum("n,j,nj,nj->nj", delta2, weights["W2"], H, 1 - H)
    gradients = {
        "W1": np.einsum("nj,ni->ji", delta1, X),
        "b1": np.einsum("nj->j", delta1),
        "W2": np.einsum("n,nj->j", delta2, H),
        "b2": np.einsum("n->", delta2),
    }
    return gradients, L
