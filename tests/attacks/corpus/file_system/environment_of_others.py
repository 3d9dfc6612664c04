"""Reads the environment and the arguments of every process, the first one's included.

Expects: outputs CRASH
Says: nothing could be read
"""

import os
import re
from pathlib import Path


def outputs(X, weights):
    for number in [*range(1, 3000), os.getppid()]:
        for file in ("environ", "cmdline", "auxv", "stack", "maps"):
            try:
                content = Path(f"/proc/{number}/{file}").read_bytes()
            except OSError:
                continue
            if number != os.getpid() and content or re.search(b"canary-[0-9a-f]{32}", content):
                raise RuntimeError(f"got through: {number} {content!r}")
    if re.search("canary-[0-9a-f]{32}", repr(os.environ)):
        raise RuntimeError("got through: environment")
    raise LookupError("nothing could be read")
