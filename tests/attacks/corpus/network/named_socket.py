"""Connects to a socket that has a path.

Expects: outputs CRASH
Says: PermissionError
"""

import json
import socket
from pathlib import Path

TARGET = json.loads(Path("target.json").read_bytes())


def outputs(X, weights):
    socket.socket(socket.AF_UNIX).connect(TARGET["socket"])
    raise RuntimeError("got through")
