"""Writes into memory that it shares with the process that it was copied from, and so with others.

Expects: outputs CRASH
Says: nothing is shared
"""


def outputs(X, weights):
    with open("/proc/self/maps") as maps:
        shared = [line for line in maps if "w" in line.split()[1] and "s" in line.split()[1]]
    if shared:
        raise RuntimeError("got through: " + "".join(shared))
    raise LookupError("nothing is shared")
