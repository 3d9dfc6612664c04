"""Ends its process group and everybody at once, as a process without a parent does by accident.

Expects: outputs CRASH or FAIL
"""

import os
import signal

import numpy as np


def outputs(X, weights):
    for number in (0, -1):
        try:
            os.kill(number, signal.SIGKILL)
        except PermissionError:
            continue
    os.killpg(0, signal.SIGKILL)
    return np.zeros(len(X))
