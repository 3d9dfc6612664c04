"""Hands in another name of the reference's own file, which only the super-user may read.

Expects: unreadable
Says: belongs to somebody else
Needs: super-user
"""

import os


def prepare(folder, target):
    os.link(target.course + "/reference/layer/oracle_numpy.py", folder / "layer.py")
    # what a student hands in belongs to the student, the reference to somebody else
    for path in (folder, folder / "target.json"):
        os.chown(path, 61_235, 61_235)
