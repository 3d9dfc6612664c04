"""Speaks with the host of the virtual machine, which no namespace keeps apart.

Expects: outputs CRASH
Says: PermissionError
"""

import socket


def outputs(X, weights):
    socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).connect((2, 1024))
    raise RuntimeError("got through")
