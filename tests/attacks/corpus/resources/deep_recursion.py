"""Calls itself without end.

Expects: outputs CRASH
Says: RecursionError
"""


def outputs(X, weights):
    return outputs(X, weights)
