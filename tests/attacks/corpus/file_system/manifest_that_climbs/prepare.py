"""Says in submission.yaml that its work is the reference.

Expects: unreadable
Says: should be a file of the submission
"""


def prepare(folder, target):
    (folder / "submission.yaml").write_text("parts:\n  layer: ../../course/reference/layer/oracle_numpy.py\n")
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
