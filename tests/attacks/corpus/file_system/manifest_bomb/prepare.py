"""Brings a submission.yaml of aliases that unfold into billions of entries.

Expects: unreadable
Says: anchors (&) and aliases (*)
"""


def prepare(folder, target):
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    (folder / "submission.yaml").write_text("\n".join(lines) + "\n")
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
