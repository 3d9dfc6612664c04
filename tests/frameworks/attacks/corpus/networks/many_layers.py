"""Has more layers than anybody describes.

Expects: layers CRASH or NEEDS_REVIEW, computes NEEDS_REVIEW or CRASH, parameters CRASH or PASS or NEEDS_REVIEW
"""

import _work
from torch import nn


def build_mlp():
    return nn.Sequential(*_work.mlp(), *[nn.Sigmoid() for _ in range(1500)])
