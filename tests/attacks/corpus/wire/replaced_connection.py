"""Puts a file in the place of the connection.

Expects: outputs CRASH or TIMEOUT
"""

import os


def outputs(X, weights):
    os.dup2(os.open(os.devnull, os.O_RDWR), 3)
    return 0.0
