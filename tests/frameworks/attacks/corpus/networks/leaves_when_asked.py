"""Ends its process with exit code 0 when it is to compute, and once more when it is built again.

Expects: layers NEEDS_REVIEW, parameters NEEDS_REVIEW, computes CRASH, accuracy MISSING
"""

import os

import _work
from torch import nn


class Leaving(nn.Sequential):
    calls = 0

    def forward(self, x):
        Leaving.calls += 1
        if Leaving.calls > 1:
            os._exit(0)
        return super().forward(x)


def build_mlp():
    return Leaving(*_work.mlp())
