"""Is handed in by somebody whose name is Markdown.

Expects: outputs FAIL
"""

NAME = "![x](javascript:alert(1)) | 10 | `"


def prepare(folder, target):
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
