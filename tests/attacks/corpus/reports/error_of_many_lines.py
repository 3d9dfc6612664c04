"""Raises an error of a million lines.

Expects: outputs CRASH
"""


def outputs(X, weights):
    raise ValueError("PASS\n" * 1_000_000)
