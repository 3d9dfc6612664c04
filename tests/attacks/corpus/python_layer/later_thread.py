"""Returns at once, and lets a thread put another answer into the array before it is looked at.

Expects: outputs FAIL
"""

import threading
import time

import numpy as np


def outputs(X, weights):
    answer = np.zeros(len(X))

    def later():
        while True:
            answer[:] = np.random.random(len(answer))
            time.sleep(0)

    threading.Thread(target=later, daemon=True).start()
    return answer
