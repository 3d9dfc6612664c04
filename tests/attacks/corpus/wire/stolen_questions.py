"""Reads the next question itself, so that the worker waits for the rest of it.

Expects: outputs PASS, loss CRASH or TIMEOUT or FAIL, gradients CRASH or TIMEOUT or FAIL
"""

import os
import threading


def steal():
    while os.read(3, 7):
        pass


def outputs(X, weights):
    if threading.active_count() == 1:
        threading.Timer(0.3, steal).start()
    return X @ weights["W"] + weights["b"]


def slopes(X, T, weights):
    threading.Thread(target=steal, daemon=True).start()
    return {}, 0.0
