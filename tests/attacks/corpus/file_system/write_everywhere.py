"""Leaves a file wherever one can be left.

Expects: outputs CRASH
Says: nothing could be written
"""

import json
import os
import sys
from pathlib import Path

TARGET = json.loads(Path("target.json").read_bytes())


def outputs(X, weights):
    places = [
        "/",
        "/tmp",
        "/var/tmp",
        "/dev",
        "/dev/shm",
        "/dev/mqueue",
        "/run",
        "/etc",
        "/root",
        "/home",
        "/proc/self",
        "/sys",
    ]
    places += [
        sys.prefix,
        TARGET["open_folder"],
        TARGET["course"],
        TARGET["neighbour"],
        TARGET["home"],
        TARGET["grader"],
    ]
    places += ["/proc/self/cwd/../..", "/proc/1/root/tmp", os.path.dirname(TARGET["open_folder"]) + "/temporary"]
    for place in places:
        for make in (
            lambda: Path(place, "attack-was-here").write_text("x"),
            lambda: Path(place, "attack-was-here").mkdir(),
            lambda: os.symlink("/", Path(place, "attack-was-here")),
            lambda: os.mkfifo(Path(place, "attack-was-here")),
        ):
            try:
                make()
            except OSError:
                continue
            raise RuntimeError("got through: " + place)
    raise LookupError("nothing could be written")
