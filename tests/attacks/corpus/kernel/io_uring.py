"""Asks for a ring through which the kernel does what a filter cannot see.

Expects: outputs CRASH
Says: PermissionError
"""

import ctypes

from _calling import call


def outputs(X, weights):
    call("io_uring_setup", 8, ctypes.create_string_buffer(120))
    raise RuntimeError("got through")
