"""Connects to a socket that has a name and no path.

Expects: outputs CRASH
Says: PermissionError
"""

import json
import socket
from pathlib import Path

TARGET = json.loads(Path("target.json").read_bytes())


def outputs(X, weights):
    socket.socket(socket.AF_UNIX).connect("\0" + TARGET["abstract"])
    raise RuntimeError("got through")
