"""Leaves in the middle of an answer.

Expects: outputs CRASH
Says: exit code 0
"""

import os

from _speaking import frame, say


def outputs(X, weights):
    say(frame()[:-3])
    os._exit(0)
