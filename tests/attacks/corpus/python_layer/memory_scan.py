"""Searches the whole memory of the process, what it inherited included, for a secret.

Expects: outputs FAIL
"""

import re


def outputs(X, weights):
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps:
            area, mode = line.split()[:2]
            start, end = (int(number, 16) for number in area.split("-"))
            # what is mapped from a file and cannot be written to is the file's
            if not mode.startswith("r") or "[v" in line or ("/" in line and "w" not in mode):
                continue
            try:
                memory.seek(start)
                content = memory.read(end - start)
            except (OSError, ValueError, OverflowError):
                continue
            if found := re.search(rb"canary-[0-9a-f]{32}", content):
                raise RuntimeError("got through: " + found[0].decode())
    return X[:, 0] * 0
