"""Sends an array whose dtype is a structure with code for a name.

Expects: outputs CRASH
Says: is not one that travels
"""

from _speaking import frame, say_only


def outputs(X, weights):
    say_only(frame(arrays=[{"dtype": "V8,(__import__('os').system('id'),)", "shape": []}]))
