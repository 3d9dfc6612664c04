"""Sends an array of no size and an impossible length.

Expects: outputs CRASH
Says: an array of shape
"""

from _speaking import frame, say_only


def outputs(X, weights):
    say_only(frame(arrays=[{"dtype": "f8", "shape": [0, 2**62, 2**62]}], body=b""))
