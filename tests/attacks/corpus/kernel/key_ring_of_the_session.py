"""Joins the key ring of whoever started it.

Expects: outputs CRASH
Says: PermissionError
"""

from _calling import call


def outputs(X, weights):
    call("keyctl", 1, None)
    raise RuntimeError("got through")
