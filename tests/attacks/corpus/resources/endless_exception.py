"""Raises an error with a million causes.

Expects: outputs CRASH or TIMEOUT or MEMORY
"""


def outputs(X, weights):
    error = ValueError("the first")
    for number in range(1_000_000):
        later = ValueError(str(number))
        later.__cause__ = error
        error = later
    raise error
