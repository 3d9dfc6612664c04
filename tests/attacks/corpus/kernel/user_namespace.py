"""Makes a user namespace, in which it has every right.

Expects: outputs CRASH
Says: PermissionError
"""

from _calling import call


def outputs(X, weights):
    call("unshare", 0x10000000)
    raise RuntimeError("got through")
