"""Is never imported to the end.

Expects: outputs TIMEOUT, loss TIMEOUT, gradients TIMEOUT
"""


def outputs(X, weights):
    return X @ weights["W"] + weights["b"]


def slopes(X, T, weights):
    return {}, 0.0


while True:
    pass
