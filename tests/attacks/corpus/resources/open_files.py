"""Opens files without end.

Expects: outputs CRASH
Says: Too many open files
"""

import os


def outputs(X, weights):
    while True:
        os.open(".", os.O_RDONLY)
