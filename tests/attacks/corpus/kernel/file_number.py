"""Asks for the number under which a file can be opened past every mount.

Expects: outputs CRASH
Says: PermissionError
"""

import ctypes

from _calling import call


def outputs(X, weights):
    call("name_to_handle_at", -100, b".", ctypes.create_string_buffer(200), ctypes.create_string_buffer(8), 0)
    raise RuntimeError("got through")
