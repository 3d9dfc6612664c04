"""Switches off what makes memory hard to guess.

Expects: outputs CRASH
Says: PermissionError
"""

from _calling import call


def outputs(X, weights):
    call("personality", 0x0040000)
    raise RuntimeError("got through")
