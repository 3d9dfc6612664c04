"""Leaves in a call, with the exit code of success.

Expects: outputs CRASH
Says: exit code 0
"""

import os


def outputs(X, weights):
    os._exit(0)
