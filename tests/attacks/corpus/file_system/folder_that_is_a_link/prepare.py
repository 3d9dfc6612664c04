"""Hands in a folder that is a link to the reference's.

Expects: unreadable
Says: symbolic link
"""

import os


def prepare(folder, target):
    os.symlink(target.course + "/reference/layer", folder / "layer")
