"""Makes the connection to the grader one to somebody else.

Expects: outputs CRASH
Says: PermissionError
"""

import json
import os
import socket
from pathlib import Path

TARGET = json.loads(Path("target.json").read_bytes())


def outputs(X, weights):
    connection = socket.socket(fileno=os.dup(3))
    connection.connect(TARGET["socket"])
    raise RuntimeError("got through")
