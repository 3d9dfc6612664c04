"""Is handed in by somebody whose name is markup.

Expects: outputs FAIL
"""

NAME = "<script>alert(1)<!--\"onload=alert(1) x='"


def prepare(folder, target):
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
