"""Changes its root, as the first half of the old way out.

Expects: outputs CRASH
Says: PermissionError
"""

from _calling import call


def outputs(X, weights):
    call("chroot", b".")
    raise RuntimeError("got through")
