"""Traces its parent.

Expects: outputs CRASH
Says: PermissionError
"""

import os

from _calling import call


def outputs(X, weights):
    call("ptrace", 16, os.getppid() or 1, None, None)
    raise RuntimeError("got through")
