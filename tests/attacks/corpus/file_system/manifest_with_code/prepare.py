"""Brings a submission.yaml that constructs Python objects.

Expects: unreadable
Says: is not understood
"""


def prepare(folder, target):
    (folder / "submission.yaml").write_text(
        "assignment: !!python/object/apply:os.system [touch /tmp/attack-was-here]\n"
    )
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
