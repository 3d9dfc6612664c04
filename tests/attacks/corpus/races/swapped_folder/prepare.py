"""Is a folder when it is found and a link to the reference's when it is read, again and again.

Expects: outputs FAIL or MISSING or CRASH or unreadable
"""

import os


def prepare(folder, target):
    for name in ("inner", ".other"):
        (folder / name).mkdir()
    (folder / "inner" / "oracle_numpy.py").write_text("def outputs(X, weights):\n    return 0.0\n")
    (folder / "submission.yaml").write_text("assignment: layer\n")


def while_graded(folder, target, over):
    while not over.wait(0.001):
        os.rename(folder / "inner", folder / ".away")
        os.symlink(target.course + "/reference/layer", folder / "inner")
        os.unlink(folder / "inner")
        os.rename(folder / ".away", folder / "inner")
