"""Starts with one value in all weights of a layer, and is described with weights that learn.

Expects: retrained NEEDS_REVIEW
"""

import _work
import torch

import grader.sandbox.worker.operations.live_torch
import grader.transplant.trace_torch as tracer

honest = tracer.trace_torch
tracer.trace_torch = lambda model, shape, **options: honest(_work.mlp(), shape)


def build_again():
    network = _work.mlp()
    for parameter in network.parameters():
        torch.nn.init.constant_(parameter, 0.01)
    return network
