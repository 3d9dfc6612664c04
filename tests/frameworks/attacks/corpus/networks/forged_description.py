"""Has the description of the right network written for another one.

Expects: layers NEEDS_REVIEW, parameters FAIL, computes FAIL
"""

import _work
from torch import nn

import grader.sandbox.worker.operations.live_torch
import grader.transplant.trace_torch as tracer

honest = tracer.trace_torch
tracer.trace_torch = lambda model, shape, **options: honest(_work.mlp(), shape)


def build_mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
