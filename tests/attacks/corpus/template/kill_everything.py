"""Ends every process that it can name.

Expects: outputs CRASH
Says: nobody could be signalled
"""

import os
import signal

MINE = {os.getpid()}


def outputs(X, weights):
    for number in [-1, 0, os.getppid(), -os.getppid(), -os.getpgrp(), *range(1, 4000)]:
        if number in MINE:
            continue
        for kind in (0, signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL):
            try:
                os.kill(number, kind)
            except (OSError, OverflowError):
                continue
            if number not in (0, -1):
                raise RuntimeError(f"got through: {number}")
    raise LookupError("nobody could be signalled")
