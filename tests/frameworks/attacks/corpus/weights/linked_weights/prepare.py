"""Hands in a link to a neighbour's weights, and one to the machine's list of users.

Expects: unreadable
"""

from pathlib import Path


def prepare(folder, target):
    (folder / "mlp.pt").symlink_to(Path(target.neighbour, "mlp.pt"))
    (folder / "mlp.npz").symlink_to("/etc/passwd")
    (folder / "networks.py").symlink_to(Path(target.neighbour, "networks.py"))
    (folder / "_other.py").write_text("X = 1\n")
