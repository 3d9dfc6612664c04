"""Becomes another program.

Expects: outputs CRASH
Says: PermissionError
"""

import os


def outputs(X, weights):
    os.execv("/bin/true", ["true"])
    raise RuntimeError("got through")
