"""Looks for notes and files that other submissions left.

Expects: outputs CRASH
Says: nothing was found
"""

import os
from pathlib import Path


def outputs(X, weights):
    for folder in ("/tmp", "/dev/shm", "/var/tmp", "/scratch", "..", "../..", os.environ.get("TMPDIR", ".")):
        for path in Path(folder).glob("*attack-was-here*"):
            raise RuntimeError("got through: " + str(path))
    if left := [
        path.name for path in Path.cwd().iterdir() if path.name not in ("layer.py", "target.json", "__pycache__")
    ]:
        raise RuntimeError(f"got through: {left}")
    if list(Path(os.environ["TMPDIR"]).iterdir()):
        raise RuntimeError("got through: somebody was here")
    raise LookupError("nothing was found")
