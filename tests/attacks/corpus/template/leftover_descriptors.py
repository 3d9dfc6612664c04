"""Looks for descriptors that somebody left open, and speaks into them.

Expects: outputs CRASH
Says: only the four
"""

import os


def outputs(X, weights):
    found = []
    for number in range(4096):
        try:
            os.fstat(number)
        except OSError:
            continue
        found.append(number)
    # the last is of this folder, if Python has one open
    if found != [0, 1, 2, 3]:
        names = [os.readlink(f"/proc/self/fd/{number}") for number in found]
        raise RuntimeError(f"got through: {names}")
    raise LookupError("only the four")
