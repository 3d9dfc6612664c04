"""Hands in more files than anybody counts.

Expects: unreadable
Says: more than 20,000 files
"""

import os


def prepare(folder, target):
    inside = os.open(folder, os.O_RDONLY)
    os.close(os.open("0", os.O_CREAT, dir_fd=inside))
    for number in range(1, 20_050):
        # another name is made much more quickly than another file
        os.link("0", str(number), src_dir_fd=inside, dst_dir_fd=inside)
    os.close(inside)
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
