"""Speaks with the kernel about networks.

Expects: outputs CRASH
Says: PermissionError
"""

import socket


def outputs(X, weights):
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)
    raise RuntimeError("got through")
