"""Returns a list that holds itself.

Expects: outputs FAIL
"""


def outputs(X, weights):
    itself = [0.0]
    itself[0] = itself
    return itself
