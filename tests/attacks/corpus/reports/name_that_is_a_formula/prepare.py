"""Is handed in by somebody whose name a spreadsheet would compute.

Expects: outputs FAIL
"""

NAME = '=HYPERLINK("evil.example")'


def prepare(folder, target):
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
