"""Fills the disk.

Expects: outputs CRASH or MEMORY or TIMEOUT
"""

import itertools
from pathlib import Path


def outputs(X, weights):
    for number in itertools.count():
        Path(f"{number}.bin").write_bytes(bytes(2**24))
