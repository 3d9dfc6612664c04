"""Makes the connection tiny, non-blocking and a thousand-fold.

Expects: outputs CRASH or FAIL or TIMEOUT
"""

import os
import socket


def outputs(X, weights):
    for _ in range(100):
        os.dup(3)
    os.set_blocking(3, False)
    connection = socket.socket(fileno=os.dup(3))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
    return 0.0
