"""Prints without end.

Expects: outputs TIMEOUT
"""

import os


def outputs(X, weights):
    while True:
        os.write(1, b"x" * 2**16)
        os.write(2, b"\x1b[2J")
