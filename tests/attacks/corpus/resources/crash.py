"""Reads from address zero.

Expects: outputs CRASH
Says: SIGSEGV
"""

import ctypes


def outputs(X, weights):
    ctypes.string_at(0)
