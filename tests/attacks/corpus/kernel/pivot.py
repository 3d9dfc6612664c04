"""Changes its root for another.

Expects: outputs CRASH
Says: PermissionError
"""

from _calling import call


def outputs(X, weights):
    call("pivot_root", b".", b".")
    raise RuntimeError("got through")
