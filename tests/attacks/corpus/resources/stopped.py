"""Stops itself, as a shell would, to be waited for.

Expects: outputs TIMEOUT or FAIL or CRASH
"""

import os
import signal

import numpy as np


def outputs(X, weights):
    os.kill(os.getpid(), signal.SIGSTOP)
    return np.zeros(len(X))
