"""Hands in three hundred sources, its own the last of them.

Expects: unreadable
Says: nothing says which assignment it is for
"""


def prepare(folder, target):
    for number in range(300):
        (folder / f"a{number:03}.py").write_text("x = 1\n")
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
