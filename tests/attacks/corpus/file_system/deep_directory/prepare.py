"""Hands in folders in folders in folders, deeper than a path can be long.

Expects: outputs FAIL
"""

import os


def prepare(folder, target):
    here = os.getcwd()
    os.chdir(folder)
    for _ in range(25):
        os.mkdir("deeper" * 40)
        os.chdir("deeper" * 40)
    os.chdir(here)
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
