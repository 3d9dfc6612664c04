"""Leaves while it is imported, with the exit code of success.

Expects: outputs CRASH
Says: exit code 0
"""

import os

print("All tests passed", flush=True)


def outputs(X, weights):
    return X @ weights["W"] + weights["b"]


os._exit(0)
