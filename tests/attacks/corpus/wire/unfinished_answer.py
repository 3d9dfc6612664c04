"""Stops in the middle of an answer.

Expects: outputs TIMEOUT
"""

from _speaking import frame, say_only


def outputs(X, weights):
    say_only(frame()[:-3])
