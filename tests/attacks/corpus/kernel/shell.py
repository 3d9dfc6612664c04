"""Has a shell do it.

Expects: outputs CRASH
Says: PermissionError
"""

import os


def outputs(X, weights):
    os.posix_spawn("/bin/sh", ["sh", "-c", "touch /tmp/attack-was-here"], {})
    raise RuntimeError("got through")
