"""Mounts a file system over the libraries.

Expects: outputs CRASH
Says: PermissionError
"""

import os

from _calling import call


def outputs(X, weights):
    call("mount", b"none", os.getcwd().encode(), b"tmpfs", 0, None)
    raise RuntimeError("got through")
