"""Passes its own descriptors to the grader, a thousand at a time.

Expects: outputs CRASH or TIMEOUT
"""

import array
import os
import socket

from _speaking import frame


def outputs(X, weights):
    connection = socket.socket(fileno=os.dup(3))
    here = os.open(".", os.O_RDONLY)
    for _ in range(50):
        descriptors = array.array("i", [here] * 200)
        connection.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)])
    connection.sendmsg([frame()])
    return 0.0
