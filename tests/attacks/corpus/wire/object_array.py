"""Sends an array of objects.

Expects: outputs CRASH
Says: 'O8'
"""

from _speaking import frame, say_only


def outputs(X, weights):
    say_only(frame(arrays=[{"dtype": "O8", "shape": []}]))
