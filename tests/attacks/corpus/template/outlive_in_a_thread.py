"""Answers wrongly, and leaves threads behind that never end.

Expects: outputs FAIL
"""

import threading
import time

import numpy as np


def stay():
    while True:
        time.sleep(60)


for _ in range(8):
    threading.Thread(target=stay).start()


def outputs(X, weights):
    return np.zeros(len(X))
