"""Says in its manifest what it is worth, who it is, and how it is to be graded.

Expects: unreadable
Says: 'points'
"""

def prepare(folder, target):
    keys = ("points: 10", "student: aaron", "isolation: none", "trust_code: true", "overrides: overrides.yaml", "replay: full")
    (folder / "submission.yaml").write_text("assignment: layer\n" + "\n".join(keys) + "\n")
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
