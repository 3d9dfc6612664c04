"""Puts itself into ``sys.modules`` in the place of everything that the worker uses.

Expects: outputs FAIL or CRASH
"""

import sys

itself = sys.modules[__name__]
for name in list(sys.modules):
    if name.partition(".")[0] in {"numpy", "msgspec", "grader", "__main__", "json", "importlib", "os"}:
        sys.modules[name] = itself


def outputs(X, weights):
    return 0.0
