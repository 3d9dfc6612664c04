"""Is described as the right network with dropout that is always active, and gives noise, as such a network might.

Expects: layers NEEDS_REVIEW, parameters FAIL, computes FAIL, retrained NEEDS_REVIEW
"""

import _work
import torch
from torch import nn

import grader.sandbox.worker.operations.live_torch
import grader.transplant.trace_torch as tracer


class Drops(nn.Module):
    def forward(self, x):
        return nn.functional.dropout(x)


class Noise(nn.Module):
    def __init__(self):
        super().__init__()
        self.logits = nn.Linear(784, 10)

    def forward(self, x):
        return self.logits(x.flatten(1)) + torch.randn(len(x), 10)


honest = tracer.trace_torch
tracer.trace_torch = lambda model, shape, **options: honest(nn.Sequential(*_work.mlp()[:5], Drops(), _work.mlp()[5]), shape)


def build_mlp():
    return Noise()


build_again = build_mlp
