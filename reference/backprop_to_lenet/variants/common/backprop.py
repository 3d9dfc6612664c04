# Assignment, part 1 -- Alice
import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_derivative(a):
    # a is already sigmoid(z)
    return a * (1 - a)


def forward_propagation(X, weights):
    W1, b1, W2, b2 = weights['W1'], weights['b1'], weights['W2'], weights['b2']

    Z1 = np.dot(X, W1.T) + b1      # (N, 3)
    H = sigmoid(Z1)                # (N, 3)
    Z2 = np.dot(H, W2) + b2        # (N,)
    Y = sigmoid(Z2)                # (N,)

    return Y, Z2, H, Z1


def back_propagation(X, Y_T, weights):
    N = X.shape[0]
    Y, Z2, H, Z1 = forward_propagation(X, weights)

    # loss
    L = 1 / (2 * N) * np.sum((Y - Y_T) ** 2)

    # output layer
    dLdY = 1 / N * (Y - Y_T)
    dLdZ2 = dLdY * sigmoid_derivative(Y)
    dLdW2 = np.dot(H.T, dLdZ2)
    dLdb2 = np.sum(dLdZ2)

    # hidden layer
    dLdH = np.outer(dLdZ2, weights['W2'])
    dLdZ1 = dLdH * sigmoid_derivative(H)
    dLdW1 = np.dot(dLdZ1.T, X)
    dLdb1 = np.sum(dLdZ1, axis=0)

    gradients = {'W1': dLdW1, 'b1': dLdb1, 'W2': dLdW2, 'b2': dLdb2}
    return gradients, L


if __name__ == '__main__':
    np.random.seed(0)
    weights = {'W1': np.random.randn(3, 2), 'b1': np.zeros(3), 'W2': np.random.randn(3), 'b2': 0}
    X = np.random.rand(1000, 2)
    Y_T = np.random.randint(0, 2, size=1000)

    gradients, L = back_propagation(X, Y_T, weights)
    print('L =', L)
    print('gradient of b1 =', gradients['b1'])

    # same thing with finite differences
    eps = 1e-5
    for j in range(3):
        up = {**weights, 'b1': weights['b1'].copy()}
        down = {**weights, 'b1': weights['b1'].copy()}
        up['b1'][j] += eps
        down['b1'][j] -= eps
        print('   slope', j, '=', (back_propagation(X, Y_T, up)[1] - back_propagation(X, Y_T, down)[1]) / (2 * eps))
