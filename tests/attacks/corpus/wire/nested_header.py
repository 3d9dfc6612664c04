"""Sends a header nested a million deep.

Expects: outputs CRASH
Says: does not decode
"""

from _speaking import raw, say_only


def outputs(X, weights):
    say_only(raw(b"\x91" * 2**20))
