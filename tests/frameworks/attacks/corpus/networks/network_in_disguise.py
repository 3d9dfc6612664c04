"""Is no network, and says of its class that it is one.

Expects: layers CRASH, parameters CRASH, computes CRASH, accuracy CRASH
"""

from torch import nn


class Disguised:
    @property
    def __class__(self):
        return nn.Sequential


def build_mlp():
    return Disguised()
