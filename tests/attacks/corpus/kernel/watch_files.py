"""Watches what others do with files.

Expects: outputs CRASH
Says: OSError
"""

from _calling import call


def outputs(X, weights):
    call("fanotify_init", 0, 0)
    raise RuntimeError("got through")
