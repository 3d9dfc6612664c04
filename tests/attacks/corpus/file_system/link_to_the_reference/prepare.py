"""Hands in a link to the reference.

Expects: unreadable
Says: symbolic link
"""

import os


def prepare(folder, target):
    os.symlink(target.course + "/reference/layer/oracle_numpy.py", folder / "layer.py")
