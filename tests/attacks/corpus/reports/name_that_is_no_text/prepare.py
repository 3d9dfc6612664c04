"""Is handed in by somebody whose name is bytes and no text.

Expects: outputs FAIL
"""

NAME = "Mall\udcff\udcfeory"


def prepare(folder, target):
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
