"""Hands in a link to a neighbour's notebook.

Expects: unreadable
"""

import json


def prepare(folder, target):
    (folder / "target.json").unlink()
    (folder / "hw.ipynb").symlink_to(target.neighbour.replace("aaron", "zoe") + "/hw.ipynb")
