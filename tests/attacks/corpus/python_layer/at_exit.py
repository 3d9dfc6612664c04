"""Leaves politely, and says that all is well on the way out.

Expects: outputs CRASH
Says: SystemExit
"""

import atexit
import os


def last_words():
    os.write(3, b"\x00" * 64)
    os._exit(0)


atexit.register(last_words)


def outputs(X, weights):
    raise SystemExit(0)
