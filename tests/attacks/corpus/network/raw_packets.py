"""Writes packets of its own.

Expects: outputs CRASH
Says: PermissionError
"""

import socket


def outputs(X, weights):
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3)
    raise RuntimeError("got through")
