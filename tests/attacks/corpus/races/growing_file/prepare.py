"""Grows while it is read.

Expects: outputs FAIL or CRASH or unreadable
"""


def prepare(folder, target):
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")


def while_graded(folder, target, over):
    with (folder / "layer.py").open("a") as source:
        while not over.wait(0.001):
            source.write("# more\n")
            source.flush()
