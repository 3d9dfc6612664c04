"""Lets anybody look into its memory.

Expects: outputs CRASH
Says: PermissionError
"""

from _calling import call


def outputs(X, weights):
    call("prctl", 0x59616D61, -1, 0, 0, 0)
    raise RuntimeError("got through")
