"""Leaves a note in the key ring of the user, which outlives processes and knows no namespace.

Expects: outputs CRASH
Says: PermissionError
"""

from _calling import call


def outputs(X, weights):
    call("add_key", b"user", b"attack-was-here", b"x", 1, -4)
    raise RuntimeError("got through")
