"""Brings along pipes that nobody writes into.

Expects: outputs FAIL
"""

import os


def prepare(folder, target):
    for name in ("submission.yaml", "data.csv", "weights.npz", "layer.ipynb"):
        os.mkfifo(folder / name)
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
