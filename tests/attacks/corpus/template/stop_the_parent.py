"""Stops the process that started it, so that nobody else is started.

Expects: outputs CRASH or FAIL
"""

import os
import signal

import numpy as np


def outputs(X, weights):
    os.kill(os.getppid(), signal.SIGSTOP)
    os.killpg(os.getpgid(0), signal.SIGSTOP)
    return np.zeros(len(X))
