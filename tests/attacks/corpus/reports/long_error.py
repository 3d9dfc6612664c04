"""Raises an error of ten megabytes, in one word.

Expects: outputs CRASH
"""


def outputs(X, weights):
    raise ValueError("W" * 10_000_000)
