"""Says in submission.yaml that its work is a file of the course.

Expects: unreadable
Says: should be a file of the submission
"""


def prepare(folder, target):
    (folder / "submission.yaml").write_text(f"parts:\n  layer: {target.course}/reference/layer/oracle_numpy.py\n")
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
