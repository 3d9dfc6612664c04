"""Sends noise.

Expects: outputs CRASH
Says: did not keep to the protocol
"""

import random

from _speaking import say_only


def outputs(X, weights):
    say_only(random.Random(0).randbytes(10_000))
