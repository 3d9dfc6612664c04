"""Asks to leave, and never finishes tidying up.

Expects: outputs CRASH or TIMEOUT
"""

import atexit
import sys
import threading


def stay():
    while True:
        pass


atexit.register(stay)
threading.Thread(target=stay).start()


def outputs(X, weights):
    sys.exit(0)
