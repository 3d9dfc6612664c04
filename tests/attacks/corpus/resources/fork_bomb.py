"""Starts copies of itself without end.

Expects: outputs CRASH
Says: PermissionError
"""

import os
import time


def outputs(X, weights):
    while True:
        if os.fork() == 0:
            time.sleep(600)
