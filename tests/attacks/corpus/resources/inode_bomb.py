"""Makes files without end, in folders without end.

Expects: outputs CRASH or TIMEOUT
"""

import os


def outputs(X, weights):
    while True:
        for number in range(100):
            os.close(os.open(f"{number}.empty", os.O_CREAT))
        os.mkdir("deeper")
        os.chdir("deeper")
