"""Sends an answer out of band.

Expects: outputs CRASH or FAIL or TIMEOUT
"""

import os
import socket

from _speaking import frame


def outputs(X, weights):
    connection = socket.socket(fileno=os.dup(3))
    connection.send(frame(), socket.MSG_OOB)
    return 0.0
