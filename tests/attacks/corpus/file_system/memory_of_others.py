"""Opens the memory of every process.

Expects: outputs CRASH
Says: nothing could be opened
"""

import os


def outputs(X, weights):
    for number in range(1, 3000):
        if number == os.getpid():
            continue
        try:
            os.open(f"/proc/{number}/mem", os.O_RDONLY)
        except OSError:
            continue
        raise RuntimeError(f"got through: the memory of {number}")
    raise LookupError("nothing could be opened")
