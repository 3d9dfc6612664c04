"""Refers to an array that is not its own.

Expects: outputs CRASH
Says: did not keep to the protocol
"""

from _speaking import frame, returned, say_only


def outputs(X, weights):
    say_only(frame(returned({"type": "array", "index": -1}, 1)))
