"""Is a source of a terabyte, without a byte in it.

Expects: unreadable
Says: at most 32 MiB are read
"""

import os


def prepare(folder, target):
    with (folder / "layer.py").open("wb") as source:
        os.truncate(source.fileno(), 2**40)
