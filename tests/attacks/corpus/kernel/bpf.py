"""Loads a program into the kernel.

Expects: outputs CRASH
Says: PermissionError
"""

import ctypes

from _calling import call


def outputs(X, weights):
    call("bpf", 5, ctypes.create_string_buffer(128), 128)
    raise RuntimeError("got through")
