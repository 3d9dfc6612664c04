"""Is handed in by somebody whose name looks like a neighbour's.

Expects: outputs FAIL
"""

NAME = "aaron\u200b"


def prepare(folder, target):
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
