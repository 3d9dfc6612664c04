"""Sends an answer of its own beside the real one.

Expects: outputs CRASH or FAIL
"""

from _speaking import frame, say


def outputs(X, weights):
    say(frame())
    return 0.0
