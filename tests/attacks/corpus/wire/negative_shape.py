"""Sends an array of negative length.

Expects: outputs CRASH
Says: negative length
"""

from _speaking import frame, say_only


def outputs(X, weights):
    say_only(frame(arrays=[{"dtype": "f8", "shape": [-1]}], body=b""))
