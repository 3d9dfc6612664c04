"""Sends the same answer twice.

Expects: outputs CRASH
Says: more than one answer
"""

from _speaking import frame, say_only


def outputs(X, weights):
    say_only(frame() * 2)
