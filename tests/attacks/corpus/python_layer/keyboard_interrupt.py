"""Raises what a person who wants to stop the grading would raise.

Expects: outputs CRASH
Says: KeyboardInterrupt
"""


def outputs(X, weights):
    raise KeyboardInterrupt
