"""Brings a folder along that nobody may enter, and a file that nobody may read.

Expects: outputs FAIL
"""


def prepare(folder, target):
    (folder / "closed").mkdir(mode=0)
    (folder / "closed.txt").write_text("x")
    (folder / "closed.txt").chmod(0)
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
