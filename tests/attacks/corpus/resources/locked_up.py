"""Starts threads that all wait for a lock that nobody gives back, the worker included.

Expects: outputs TIMEOUT or CRASH or MEMORY
"""

import logging
import sys
import threading

lock = threading.Lock()


def hold():
    lock.acquire()


def outputs(X, weights):
    for handler in (
        logging._lock,
        threading._shutdown_locks_lock if hasattr(threading, "_shutdown_locks_lock") else lock,
    ):
        handler.acquire()
    for _ in range(20):
        threading.Thread(target=hold).start()
    sys.stdout.flush = sys.stderr.flush = hold
    hold()
