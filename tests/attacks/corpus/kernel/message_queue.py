"""Makes a message queue that outlives it.

Expects: outputs CRASH
Says: PermissionError
"""

import os

from _calling import call


def outputs(X, weights):
    call("mq_open", b"attack-was-here", os.O_CREAT | os.O_RDWR, 0o666, None)
    raise RuntimeError("got through")
