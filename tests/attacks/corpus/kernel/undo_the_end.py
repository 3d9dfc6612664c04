"""Asks not to be ended with the grader.

Expects: outputs CRASH
Says: PermissionError
"""

from _calling import call


def outputs(X, weights):
    call("prctl", 1, 0, 0, 0, 0)
    raise RuntimeError("got through")
