"""Sends a datagram, which needs no answer.

Expects: outputs CRASH
Says: PermissionError
"""

import json
import socket
from pathlib import Path

TARGET = json.loads(Path("target.json").read_bytes())


def outputs(X, weights):
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"secret", ("127.0.0.1", TARGET["udp"]))
    raise RuntimeError("got through")
