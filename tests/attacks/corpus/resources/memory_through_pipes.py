"""Fills the buffers of pipes and sockets, which no limit on memory counts.

Expects: outputs CRASH
"""

import socket


def outputs(X, weights):
    keep = []
    while True:
        near, far = socket.socketpair()
        keep += [near, far]
        near.setblocking(False)
        try:
            while True:
                near.send(bytes(2**16))
        except BlockingIOError:
            pass
