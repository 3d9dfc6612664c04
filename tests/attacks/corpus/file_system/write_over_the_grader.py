"""Writes over the grader, the libraries and Python, and into what they load.

Expects: outputs CRASH
Says: nothing could be written
"""

import json
import os
import sys
from pathlib import Path

import msgspec
import numpy

TARGET = json.loads(Path("target.json").read_bytes())


def outputs(X, weights):
    files = [module.__file__ for module in list(sys.modules.values()) if getattr(module, "__file__", None)]
    files += [TARGET["grader"] + "/results.py", sys.executable, numpy.__file__, msgspec.__file__]
    for path in files:
        if Path(path).is_relative_to(Path.cwd()):
            continue
        for attempt in (
            lambda path=path: os.close(os.open(path, os.O_WRONLY)),
            lambda path=path: os.truncate(path, 0),
            lambda path=path: os.rename(path, path + ".old"),
            lambda path=path: os.unlink(path),
        ):
            try:
                attempt()
            except OSError:
                continue
            raise RuntimeError(f"got through: {path}")
    for folder in {str(Path(path).parent) for path in files}:
        try:
            Path(folder, "attack-was-here.pth").write_text("import os")
        except OSError:
            continue
        if not Path(folder).is_relative_to(Path.cwd()):
            raise RuntimeError(f"got through: {folder}")
    raise LookupError("nothing could be written")
