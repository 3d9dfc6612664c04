"""Raises the limit on recursion, and runs out of stack in the interpreter itself.

Expects: outputs CRASH or MEMORY
"""

import sys


class Endless:
    def __getattr__(self, name):
        return getattr(self, name + "x")

    def __repr__(self):
        return repr([self])


def outputs(X, weights):
    sys.setrecursionlimit(10**9)
    return repr(Endless())
