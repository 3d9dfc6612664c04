"""Is shorter when it is read than when it was measured.

Expects: outputs FAIL or CRASH or MISSING or unreadable
"""

import os


def prepare(folder, target):
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")


def while_graded(folder, target, over):
    whole = "def outputs(X, weights):\n    return 0.0\n" + "# comment\n" * 100_000
    while not over.wait(0.001):
        (folder / "layer.py").write_text(whole)
        os.truncate(folder / "layer.py", 10)
