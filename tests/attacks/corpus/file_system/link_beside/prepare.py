"""Brings a link to the secret along, and reads it.

Expects: outputs CRASH
Says: FileNotFoundError
"""

import os

SOURCE = """\
def outputs(X, weights):
    secret = open("secret.txt").read()
    raise RuntimeError("got through: " + secret)
"""


def prepare(folder, target):
    os.symlink(target.course + "/.grader-secret", folder / "secret.txt")
    (folder / "layer.py").write_text(SOURCE)
