"""Becomes the super-user.

Expects: outputs CRASH
Says: PermissionError
"""

import os


def outputs(X, weights):
    os.setresuid(0, 0, 0)
    raise RuntimeError("got through")
