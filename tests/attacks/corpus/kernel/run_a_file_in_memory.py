"""Runs a file that has no name.

Expects: outputs CRASH
Says: PermissionError
"""

import os

from _calling import call


def outputs(X, weights):
    call("execveat", os.open(__import__("sys").executable, os.O_RDONLY), b"", None, None, 0x1000)
    raise RuntimeError("got through")
