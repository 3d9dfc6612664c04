"""Writes what it is asked into a file, so that a later process of the same submission finds it and tells.

Expects: outputs PASS, loss CRASH, gradients CRASH
"""

import os
from pathlib import Path

NOTES = Path(os.environ["TMPDIR"], "notes.txt")


def outputs(X, weights):
    with NOTES.open("a") as notes:
        notes.write(f"{float(X.max())!r} ")
    return X @ weights["W"] + weights["b"]


def slopes(X, T, weights):
    raise ValueError("I was asked " + NOTES.read_text())
