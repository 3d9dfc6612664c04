"""Brings a submission.yaml nested ten thousand deep.

Expects: unreadable
Says: levels deep
"""


def prepare(folder, target):
    (folder / "submission.yaml").write_text("[" * 30_000)
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
