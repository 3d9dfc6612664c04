"""Ends the process that started it.

Expects: outputs CRASH or FAIL
"""

import os
import signal

import numpy as np


def outputs(X, weights):
    os.kill(os.getppid(), signal.SIGKILL)
    return np.zeros(len(X))
