import numpy as np
from helpers import sigmoid   # my helpers.py from the exercise


def forward_propagation(X, weights):
    Z1 = np.dot(X, weights['W1'].T) + weights['b1']
    H = sigmoid(Z1)
    Z2 = np.dot(H, weights['W2']) + weights['b2']
    Y = sigmoid(Z2)
    return Y, Z2, H, Z1


def back_propagation(X, Y_T, weights):
    Y, Z2, H, Z1 = forward_propagation(X, weights)
    N = len(X)
    L = np.sum((Y - Y_T) ** 2) / (2 * N)
    d2 = (Y - Y_T) / N * Y * (1 - Y)
    d1 = np.outer(d2, weights['W2']) * H * (1 - H)
    return {'W1': d1.T @ X, 'b1': d1.sum(axis=0), 'W2': H.T @ d2, 'b2': d2.sum()}, L
