"""Maps a file, and takes the file away.

Expects: outputs CRASH
Says: SIGBUS
"""

import mmap


def outputs(X, weights):
    with open("mapped", "w+b") as file:
        file.truncate(2**20)
        mapped = mmap.mmap(file.fileno(), 2**20)
        file.truncate(0)
        return mapped[2**19]
