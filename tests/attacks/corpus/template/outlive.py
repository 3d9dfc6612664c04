"""Closes everything, ignores every signal, leaves its session, and hopes to be forgotten.

Expects: outputs CRASH or TIMEOUT
"""

import os
import signal
import time


def outputs(X, weights):
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    try:
        os.setsid()
    except OSError:
        pass
    os.closerange(0, 100)
    while True:
        time.sleep(60)
