"""Answers questions about its weights with those of another network, and takes none.

Expects: layers NEEDS_REVIEW, parameters NEEDS_REVIEW, computes NEEDS_REVIEW
"""

import _work
from torch import nn


class Lying(nn.Sequential):
    def named_parameters(self, *arguments, **options):
        return _work.mlp().named_parameters(*arguments, **options)

    def state_dict(self, *arguments, **options):
        return _work.mlp().state_dict(*arguments, **options)


def build_mlp():
    return Lying(*_work.mlp())
