"""Closes one direction of the connection, and goes on.

Expects: outputs CRASH or TIMEOUT
"""

import socket
import time


def outputs(X, weights):
    socket.socket(fileno=3).shutdown(socket.SHUT_WR)
    time.sleep(600)
