"""Raises the limits of its parent.

Expects: outputs CRASH
Says: PermissionError
"""

import ctypes
import os

from _calling import call


def outputs(X, weights):
    call("prlimit64", os.getppid() or 2, 7, ctypes.create_string_buffer(16), None)
    raise RuntimeError("got through")
