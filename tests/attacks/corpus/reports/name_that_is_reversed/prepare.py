"""Is handed in by somebody whose name runs from right to left.

Expects: outputs FAIL
"""

NAME = "\u202eyrollaM\u2066\u200b"


def prepare(folder, target):
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
