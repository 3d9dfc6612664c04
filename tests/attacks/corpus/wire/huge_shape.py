"""Sends an array that claims more than its bytes.

Expects: outputs CRASH
Says: more arrays than the body holds
"""

from _speaking import frame, say_only


def outputs(X, weights):
    say_only(frame(arrays=[{"dtype": "f8", "shape": [2**40, 2**40]}]))
