"""Starts threads without end.

Expects: outputs CRASH or MEMORY or TIMEOUT
"""

import threading

threading.stack_size(64 * 1024)


def outputs(X, weights):
    wait = threading.Event()
    while True:
        threading.Thread(target=wait.wait, daemon=True).start()
