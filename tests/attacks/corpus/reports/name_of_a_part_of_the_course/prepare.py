"""Is handed in by somebody who is called like a file of the grader's.

Expects: outputs FAIL
"""

NAME = "reports.json"


def prepare(folder, target):
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
