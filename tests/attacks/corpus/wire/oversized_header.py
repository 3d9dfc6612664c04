"""Announces a header of four gigabytes.

Expects: outputs CRASH
Says: a header of 4,294,967,295 bytes
"""

from _speaking import say_only


def outputs(X, weights):
    say_only(b"\xff" * 12)
