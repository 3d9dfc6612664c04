"""Sends an array of a thousand axes.

Expects: outputs CRASH
Says: dimensions
"""

from _speaking import frame, say_only


def outputs(X, weights):
    say_only(frame(arrays=[{"dtype": "f8", "shape": [1] * 1000}]))
