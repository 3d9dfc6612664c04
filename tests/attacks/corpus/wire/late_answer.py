"""Answers honestly, and lets a thread answer once more, later.

Expects: outputs PASS, loss CRASH or FAIL, gradients CRASH or FAIL
"""

import threading
import time

from _speaking import asked, frame, say


def outputs(X, weights):
    return X @ weights["W"] + weights["b"]


def slopes(X, T, weights):
    later = frame(seq=asked())

    def go_on():
        while True:
            time.sleep(0.001)
            say(later)

    threading.Thread(target=go_on, daemon=True).start()
    time.sleep(0.05)
    return {}, 0.0
