"""Acts as the first process of its namespace: takes in orphans, and asks for what only that one may.

Expects: outputs CRASH
Says: nothing was granted
"""

import ctypes
import os

LIBRARY = ctypes.CDLL(None, use_errno=True)


def outputs(X, weights):
    if LIBRARY.prctl(36, 1, 0, 0, 0) == 0 or LIBRARY.prctl(4, 1, 0, 0, 0) == 0:
        raise RuntimeError("got through")
    if LIBRARY.reboot(0x4321FEDC) == 0 or LIBRARY.sethostname(b"x", 1) == 0:
        raise RuntimeError("got through")
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        raise LookupError("nothing was granted") from None
    raise RuntimeError("got through: there are children")
