"""Makes shared memory that outlives it.

Expects: outputs CRASH
Says: PermissionError
"""

from _calling import call


def outputs(X, weights):
    call("shmget", 0x61747461, 4096, 0o1666)
    raise RuntimeError("got through")
