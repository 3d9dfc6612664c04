"""Opens files by their number, past every mount.

Expects: outputs CRASH
Says: PermissionError
"""

import ctypes

from _calling import call


def outputs(X, weights):
    call("open_by_handle_at", 3, ctypes.create_string_buffer(64), 0)
    raise RuntimeError("got through")
