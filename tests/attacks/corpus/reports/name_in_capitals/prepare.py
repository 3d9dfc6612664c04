"""Is handed in by somebody whose name is a neighbour's in capitals.

Expects: outputs FAIL
"""

NAME = "AARON"


def prepare(folder, target):
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
