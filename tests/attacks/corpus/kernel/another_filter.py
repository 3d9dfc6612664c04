"""Puts a filter of its own over that of the grader.

Expects: outputs CRASH
Says: PermissionError
"""

import ctypes

from _calling import call


def outputs(X, weights):
    call("seccomp", 1, 0, ctypes.create_string_buffer(16))
    raise RuntimeError("got through")
