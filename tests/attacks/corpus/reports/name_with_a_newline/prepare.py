"""Is handed in by somebody whose name has several lines.

Expects: outputs FAIL
"""

NAME = "Mallory\n::error::x\naaron,10,10"


def prepare(folder, target):
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
