"""Opens a socket of every family that there is.

Expects: outputs CRASH
Says: no socket of any kind
"""

import itertools
import socket


def outputs(X, weights):
    for family, kind in itertools.product(range(46), range(1, 11)):
        try:
            socket.socket(family, kind)
        except OSError:
            continue
        raise RuntimeError(f"got through: {family}, {kind}")
    raise LookupError("no socket of any kind")
