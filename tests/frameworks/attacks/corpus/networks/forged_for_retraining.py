"""Has the description of the right network trained in the place of another one.

Expects: retrained NEEDS_REVIEW
"""

import _work
from torch import nn

import grader.sandbox.worker.operations.live_torch
import grader.transplant.trace_torch as tracer

honest = tracer.trace_torch
tracer.trace_torch = lambda model, shape, **options: honest(_work.mlp(), shape)


def build_again():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
