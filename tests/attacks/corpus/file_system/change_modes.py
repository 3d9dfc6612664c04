"""Takes from others the right to read their own files, and makes those of the course open to everybody.

Expects: outputs CRASH
Says: nothing could be changed
"""

import json
import os
from pathlib import Path

TARGET = json.loads(Path("target.json").read_bytes())


def seen(path):
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mode, status.st_uid, status.st_mtime


def outputs(X, weights):
    files = [TARGET["neighbour"], TARGET["neighbour"] + "/layer.py", TARGET["course"] + "/.grader-secret"]
    files += [TARGET["course"] + "/reference/layer/oracle_numpy.py", TARGET["home"], TARGET["open_folder"]]
    for path in files:
        before = seen(path)
        for change in (
            lambda path=path: os.chmod(path, 0o707),
            lambda path=path: os.chmod(path, 0o707, follow_symlinks=False),
            lambda path=path: os.utime(path, (0, 0)),
            lambda path=path: os.chown(path, os.getuid(), os.getgid()),
            lambda path=path: os.setxattr(path, "user.note", b"attack-was-here"),
            lambda path=path: os.fchmod(os.open(path, os.O_PATH), 0o707),
        ):
            try:
                change()
            except (OSError, NotImplementedError):
                continue
            # a call that says that it is done, and did nothing, has not got through
            if seen(path) != before:
                raise RuntimeError(f"got through: {path}")
    raise LookupError("nothing could be changed")
