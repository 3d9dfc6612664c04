"""Is handed in by somebody whose name is a template and a pattern.

Expects: outputs FAIL
"""

NAME = "{{ 7*7 }}${x}%s[bold]*?"


def prepare(folder, target):
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
