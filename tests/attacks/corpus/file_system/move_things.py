"""Moves, links and removes what belongs to others, by every name that leads there.

Expects: outputs CRASH
Says: nothing could be changed
"""

import json
import os
import shutil
from pathlib import Path

TARGET = json.loads(Path("target.json").read_bytes())


def outputs(X, weights):
    for path in (
        TARGET["neighbour"] + "/layer.py",
        TARGET["course"] + "/.grader-secret",
        TARGET["home"] + "/private.txt",
    ):
        for change in (
            lambda path=path: os.unlink(path),
            lambda path=path: os.rename(path, "mine"),
            lambda path=path: os.rename("layer.py", path),
            lambda path=path: os.link(path, "mine"),
            lambda path=path: os.link("layer.py", path + ".new"),
            lambda path=path: os.symlink("/", path + ".new"),
            lambda path=path: os.truncate(path, 0),
            lambda path=path: shutil.copy("layer.py", path),
            lambda path=path: os.rmdir(os.path.dirname(path)),
            lambda path=path: os.rename(os.path.dirname(path), os.path.dirname(path) + ".old"),
        ):
            try:
                change()
            except OSError:
                continue
            raise RuntimeError(f"got through: {path}")
    raise LookupError("nothing could be changed")
