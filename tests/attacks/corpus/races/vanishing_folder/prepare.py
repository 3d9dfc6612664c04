"""Is gone by the time that it is read, and back again.

Expects: outputs FAIL or MISSING or CRASH or unreadable
"""

import os


def prepare(folder, target):
    (folder / "inner").mkdir()
    (folder / "inner" / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
    (folder / "submission.yaml").write_text("assignment: layer\n")


def while_graded(folder, target, over):
    while not over.wait(0.001):
        os.rename(folder / "inner", folder / ".away")
        over.wait(0.001)
        os.rename(folder / ".away", folder / "inner")
