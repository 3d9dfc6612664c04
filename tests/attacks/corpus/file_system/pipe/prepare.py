"""Hands in a pipe, so that whoever reads it waits.

Expects: unreadable
Says: not a regular file
"""

import os


def prepare(folder, target):
    os.mkfifo(folder / "layer.py")
