"""Makes a system call under the number of another architecture, which a filter might not know.

Expects: outputs CRASH
Says: SIGSYS
"""

import ctypes
import platform


def outputs(X, weights):
    if platform.machine() != "x86_64":
        ctypes.CDLL(None).abort()
    ctypes.CDLL(None).syscall(0x40000000 | 57)
    raise RuntimeError("got through")
