"""Asks to handle the page faults of the kernel, which makes races easy to win.

Expects: outputs CRASH
Says: PermissionError
"""

from _calling import call


def outputs(X, weights):
    call("userfaultfd", 0)
    raise RuntimeError("got through")
