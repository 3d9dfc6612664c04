"""Is handed in by somebody whose name clears the screen.

Expects: outputs FAIL
"""

NAME = "\x1b[2J\x1b[31mMallory\x07\r"


def prepare(folder, target):
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
