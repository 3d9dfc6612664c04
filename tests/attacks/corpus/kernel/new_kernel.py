"""Loads another kernel.

Expects: outputs CRASH
Says: PermissionError
"""

from _calling import call


def outputs(X, weights):
    call("kexec_load", 0, 0, None, 0)
    raise RuntimeError("got through")
