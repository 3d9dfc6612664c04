"""Returns complex numbers whose real part is right.

Expects: outputs FAIL
"""


def outputs(X, weights):
    return X @ weights["W"] + weights["b"] + 1j
