"""Is wrong when it is found and a link to the reference when it is read, again and again.

Expects: outputs FAIL or MISSING or CRASH or unreadable
"""

import os


def prepare(folder, target):
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")


def while_graded(folder, target, over):
    wrong, link = folder / ".wrong", folder / ".link"
    while not over.wait(0.001):
        os.symlink(target.course + "/reference/layer/oracle_numpy.py", link)
        os.replace(link, folder / "layer.py")
        wrong.write_text("def outputs(X, weights):\n    return 0.0\n")
        os.replace(wrong, folder / "layer.py")
