"""Hands in files with the longest names there can be, in folders with the longest names there can be.

Expects: outputs FAIL
"""


def prepare(folder, target):
    inner = folder / ("a" * 255) / ("b" * 255) / ("ä" * 127)
    inner.mkdir(parents=True)
    (inner / ("c" * 252 + ".py")).write_text("x = 1\n")
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
