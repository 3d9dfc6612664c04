"""Connects to a server of the world, by its number and by its name.

Expects: outputs CRASH
Says: nobody could be reached
"""

import socket
import urllib.request


def outputs(X, weights):
    for call in (
        lambda: socket.create_connection(("192.0.2.1", 80), timeout=1),
        lambda: socket.gethostbyname("example.org"),
        lambda: urllib.request.urlopen("http://192.0.2.1/", timeout=1),
    ):
        try:
            call()
        except OSError:
            continue
        raise RuntimeError("got through")
    raise LookupError("nobody could be reached")
