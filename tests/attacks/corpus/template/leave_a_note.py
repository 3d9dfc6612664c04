"""Leaves a note for other submissions wherever one might be found.

Expects: outputs CRASH
Says: the note is left
"""

import os
import tempfile
from pathlib import Path


def outputs(X, weights):
    for folder in (
        "/tmp",
        "/dev/shm",
        "/var/tmp",
        "/scratch",
        ".",
        "..",
        "../..",
        os.environ.get("TMPDIR", "."),
        tempfile.gettempdir(),
    ):
        try:
            Path(folder, "attack-was-here.txt").write_text("got through: the note was found")
        except OSError:
            continue
    raise LookupError("the note is left")
