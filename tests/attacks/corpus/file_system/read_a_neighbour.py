"""Reads what another student handed in.

Expects: outputs CRASH
Says: nothing could be read
"""

import glob
import json
import os
from pathlib import Path

TARGET = json.loads(Path("target.json").read_bytes())


def outputs(X, weights):
    found = [TARGET["neighbour"] + "/layer.py", TARGET["neighbour"] + "/notes.md", TARGET["home"] + "/private.txt"]
    found += glob.glob("/tmp/grader-worker-*/**/*.py", recursive=True) + glob.glob(TARGET["neighbour"] + "/../*/*")
    for path in found:
        try:
            content = Path(path).read_text()
        except OSError:
            continue
        raise RuntimeError("got through: " + path + content)
    os.chdir(os.path.dirname(os.__file__))
    raise LookupError("nothing could be read")
