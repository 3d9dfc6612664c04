"""Hands in links that lead in circles.

Expects: unreadable
Says: symbolic link
"""

import os


def prepare(folder, target):
    os.symlink("layer.py", folder / "layer.py")
    os.symlink(".", folder / "around")
