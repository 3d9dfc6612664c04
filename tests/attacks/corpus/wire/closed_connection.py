"""Closes the connection.

Expects: outputs CRASH or TIMEOUT
"""

import os


def outputs(X, weights):
    os.close(3)
    return 0.0
