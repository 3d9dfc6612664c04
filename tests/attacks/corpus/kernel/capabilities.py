"""Gives itself rights.

Expects: outputs CRASH
Says: PermissionError
"""

import ctypes

from _calling import call


def outputs(X, weights):
    call("capset", ctypes.create_string_buffer(b"\x22\x05\x08\x20", 8), ctypes.create_string_buffer(b"\xff" * 24))
    raise RuntimeError("got through")
