"""Has a signal interrupt whatever the worker does next, and writes an answer of its own then.

Expects: outputs CRASH or FAIL
"""

import os
import signal

import numpy as np


def answer(*_):
    os.write(3, b"PASS" * 1000)


signal.signal(signal.SIGALRM, answer)
signal.signal(signal.SIGVTALRM, answer)


def outputs(X, weights):
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    return np.zeros(len(X))
