"""Asks to measure what others do.

Expects: outputs CRASH
Says: PermissionError
"""

import ctypes

from _calling import call


def outputs(X, weights):
    call("perf_event_open", ctypes.create_string_buffer(128), -1, 0, -1, 0)
    raise RuntimeError("got through")
