"""Lets itself be traced by its parent.

Expects: outputs CRASH
Says: PermissionError
"""

from _calling import call


def outputs(X, weights):
    call("ptrace", 0, 0, None, None)
    raise RuntimeError("got through")
