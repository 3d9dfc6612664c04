"""Never comes back to the interpreter, and ignores every signal.

Expects: outputs TIMEOUT
"""

import itertools
import signal


def outputs(X, weights):
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    all(itertools.repeat(True))
