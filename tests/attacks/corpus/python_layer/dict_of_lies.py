"""Returns gradients in a mapping whose keys, items and values disagree, and which claims any key.

Expects: outputs PASS, loss PASS, gradients FAIL or CRASH
"""

from collections.abc import Mapping


class Lies(Mapping):
    asked = 0

    def __iter__(self):
        return iter(["W", "b"])

    def __len__(self):
        return 2

    def __contains__(self, key):
        return True

    def __getitem__(self, key):
        Lies.asked += 1
        return float(Lies.asked)


def outputs(X, weights):
    return X @ weights["W"] + weights["b"]


def slopes(X, T, weights):
    return Lies(), ((outputs(X, weights) - T) ** 2).mean() / 2
