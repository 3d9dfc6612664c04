"""Is a source nested deeper than any parser follows.

Expects: outputs CRASH
"""


def prepare(folder, target):
    nested = "(" * 200_000 + ")" * 200_000
    (folder / "layer.py").write_text(f"def outputs(X, weights):\n    return {nested}\n")
