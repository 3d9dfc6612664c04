"""Starts a thread in a namespace of its own.

Expects: outputs CRASH
Says: PermissionError
"""

from _calling import call


def outputs(X, weights):
    call("clone", 0x10000000 | 0x10000 | 0x11, None, None, None, None)
    raise RuntimeError("got through")
