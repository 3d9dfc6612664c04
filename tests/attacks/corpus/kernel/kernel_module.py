"""Loads a module into the kernel.

Expects: outputs CRASH
Says: PermissionError
"""

from _calling import call


def outputs(X, weights):
    call("init_module", b"x", 1, b"")
    raise RuntimeError("got through")
