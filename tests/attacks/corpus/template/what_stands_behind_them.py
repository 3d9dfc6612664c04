"""Opens its descriptors anew, with more rights, and reads what others wrote into them.

Expects: outputs CRASH
Says: nothing of anybody else
"""

import os


def outputs(X, weights):
    for number in (0, 1, 2, 3):
        for mode in (os.O_RDONLY, os.O_RDWR):
            try:
                opened = os.open(f"/proc/self/fd/{number}", mode | os.O_NONBLOCK)
                content = os.read(opened, 2**16)
            except OSError:
                continue
            # its own output it may read again: there is none
            if content or number == 3:
                raise RuntimeError(f"got through: {number} {content!r}")
    raise LookupError("nothing of anybody else")
