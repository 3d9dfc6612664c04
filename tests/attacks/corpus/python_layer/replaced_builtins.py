"""Replaces built-in functions by ones that say yes.

Expects: outputs FAIL or CRASH
"""

import builtins

for name in ("isinstance", "callable", "all", "any", "hasattr"):
    setattr(builtins, name, lambda *_: True)
builtins.sum = builtins.abs = builtins.len = lambda *_: 0


def outputs(X, weights):
    return [0.0]
