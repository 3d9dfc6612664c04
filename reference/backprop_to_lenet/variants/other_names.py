"""Other names for everything but the two functions, parameters included, and names imported one by one."""

from collections import OrderedDict

from numpy import exp, newaxis, where
from numpy import sum as total


def squash(a):
    small = exp(-abs(a))
    return where(a < 0, small, 1) / (1 + small)


def layers(data, parameters):
    pre = data @ parameters["W1"].transpose() + parameters["b1"]
    post = squash(pre)
    return pre, post, post @ parameters["W2"] + parameters["b2"]


def forward_propagation(data, parameters):
    pre, post, score = layers(data, parameters)
    return squash(score), score, post, pre


def back_propagation(data, labels, parameters):
    _, post, score = layers(data, parameters)
    prediction = squash(score)
    count = data.shape[0]
    cost = total((prediction - labels) ** 2) / count / 2
    signal = (prediction - labels) * prediction * (1 - prediction) / count
    hidden_signal = signal[:, newaxis] * parameters["W2"][newaxis, :] * post * (1 - post)
    slopes = OrderedDict()
    slopes["b2"] = total(signal)
    slopes["W2"] = signal @ post
    slopes["b1"] = total(hidden_signal, axis=0)
    slopes["W1"] = hidden_signal.transpose() @ data
    return slopes, cost
