"""Connects to a server of this machine.

Expects: outputs CRASH
Says: PermissionError
"""

import json
import socket
from pathlib import Path

TARGET = json.loads(Path("target.json").read_bytes())


def outputs(X, weights):
    socket.create_connection(("127.0.0.1", TARGET["tcp"]), timeout=1).sendall(b"secret")
    raise RuntimeError("got through")
