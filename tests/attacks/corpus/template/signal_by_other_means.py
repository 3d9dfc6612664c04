"""Signals others through descriptors, timers and queues.

Expects: outputs CRASH
Says: nobody could be signalled
"""

import ctypes
import fcntl
import os
import signal

LIBRARY = ctypes.CDLL(None, use_errno=True)


def outputs(X, weights):
    attempts = [
        lambda: fcntl.fcntl(3, fcntl.F_SETOWN, -os.getppid() or 1),
        lambda: fcntl.fcntl(3, 10, signal.SIGKILL),
        lambda: signal.pidfd_send_signal(os.pidfd_open(os.getppid() or 1), signal.SIGKILL),
    ]
    for attempt in attempts:
        try:
            attempt()
        except OSError:
            continue
        raise RuntimeError("got through")
    for name, arguments in (("sigqueue", (os.getppid(), 9, None)), ("tgkill", (1, 2, 9)), ("killpg", (1, 9))):
        if getattr(LIBRARY, name)(*arguments) == 0 and os.getpid() != 1:
            raise RuntimeError("got through: " + name)
    raise LookupError("nobody could be signalled")
