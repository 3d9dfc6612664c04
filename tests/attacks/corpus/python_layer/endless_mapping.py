"""Returns a mapping that never comes to an end.

Expects: outputs TIMEOUT or MEMORY
"""

import itertools
from collections.abc import Mapping


class Endless(Mapping):
    def __iter__(self):
        return map(str, itertools.count())

    def __len__(self):
        return 1

    def __getitem__(self, key):
        return 0.0


def outputs(X, weights):
    return Endless()
