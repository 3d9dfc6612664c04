"""Shows the parameters of the right network, and computes with others that nobody is shown.

Expects: layers NEEDS_REVIEW, parameters NEEDS_REVIEW, computes NEEDS_REVIEW
"""

import _work
from torch import nn


class Lying(nn.Module):
    def __init__(self):
        super().__init__()
        self.shown = _work.mlp()
        self.__dict__["used"] = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))

    def forward(self, x):
        return self.used(x)


def build_mlp():
    return Lying()
