"""Answers honestly once, and has a thread end the process whenever it likes.

Expects: outputs PASS, loss CRASH, gradients CRASH
Says: exit code 0
"""

import os
import threading


def outputs(X, weights):
    return X @ weights["W"] + weights["b"]


def slopes(X, T, weights):
    thread = threading.Thread(target=os._exit, args=(0,))
    thread.start()
    thread.join()
