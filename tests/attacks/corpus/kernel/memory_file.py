"""Makes a file in memory that no limit counts, to run it.

Expects: outputs CRASH
Says: PermissionError
"""

from _calling import call


def outputs(X, weights):
    call("memfd_create", b"attack-was-here", 0)
    raise RuntimeError("got through")
