"""The layers are objects, and the two functions only put them together."""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class SigmoidLayer:
    W: np.ndarray
    b: np.ndarray
    inputs: np.ndarray = field(init=False)
    z: np.ndarray = field(init=False)
    out: np.ndarray = field(init=False)

    def forward(self, inputs):
        self.inputs = inputs
        self.z = inputs @ self.W.T + self.b
        self.out = 1 / (1 + np.exp(-self.z))
        return self.out

    def backward(self, upstream):
        delta = upstream * self.out * (1 - self.out)
        self.dW = delta.T @ self.inputs
        self.db = delta.sum(axis=0)
        return delta @ self.W


class Network:
    def __init__(self, weights):
        self.hidden = SigmoidLayer(weights["W1"], weights["b1"])
        self.output = SigmoidLayer(np.atleast_2d(weights["W2"]), np.atleast_1d(weights["b2"]))

    def __call__(self, X):
        return self.output.forward(self.hidden.forward(X))[:, 0]


def forward_propagation(X, weights):
    network = Network(weights)
    return network(X), network.output.z[:, 0], network.hidden.out, network.hidden.z


def back_propagation(X, Y_T, weights):
    network = Network(weights)
    error = network(X) - Y_T
    network.hidden.backward(network.output.backward(error[:, np.newaxis] / len(X)))
    gradients = {
        "W1": network.hidden.dW,
        "b1": network.hidden.db,
        "W2": network.output.dW[0],
        "b2": network.output.db[0],
    }
    return gradients, 0.5 * np.mean(error**2)
