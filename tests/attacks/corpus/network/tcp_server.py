"""Waits for somebody to connect.

Expects: outputs CRASH
Says: PermissionError
"""

import socket


def outputs(X, weights):
    socket.create_server(("0.0.0.0", 0))
    raise RuntimeError("got through")
