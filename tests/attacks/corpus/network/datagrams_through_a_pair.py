"""Sends datagrams to any socket through one end of a pair.

Expects: outputs CRASH
Says: PermissionError
"""

import json
import socket
from pathlib import Path

TARGET = json.loads(Path("target.json").read_bytes())


def outputs(X, weights):
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    near.sendto(b"secret", TARGET["socket"])
    raise RuntimeError("got through")
