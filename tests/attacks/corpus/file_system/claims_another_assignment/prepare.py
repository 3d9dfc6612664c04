"""Says that it is for an assignment whose name is a path.

Expects: unreadable
Says: which the course does not have
"""


def prepare(folder, target):
    (folder / "submission.yaml").write_text("assignment: ../../../../etc\n")
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
