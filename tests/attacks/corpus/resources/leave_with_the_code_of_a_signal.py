"""Leaves with the exit code that a shell gives to a process that was killed.

Expects: outputs CRASH
"""

import os


def outputs(X, weights):
    os._exit(137)
