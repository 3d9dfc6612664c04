"""Sends a header that is noise.

Expects: outputs CRASH
Says: does not decode
"""

import random

from _speaking import raw, say_only


def outputs(X, weights):
    say_only(raw(random.Random(0).randbytes(1000)))
