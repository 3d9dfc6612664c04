"""Sends an answer byte by byte, slower than anybody can wait.

Expects: outputs TIMEOUT
"""

import time

from _speaking import frame, say


def outputs(X, weights):
    for byte in frame():
        say(bytes([byte]))
        time.sleep(0.1)
