"""Calls a layer something that is a million letters long, and fails with as many.

Expects: layers FAIL, computes FAIL, picture CRASH
"""

from collections import OrderedDict

from torch import nn


def build_mlp():
    return nn.Sequential(OrderedDict([("x" * 1_000_000, nn.Flatten()), ("y" * 1_000_000, nn.Linear(784, 10))]))


def plot_history(history):
    raise type("z" * 1_000_000, (Exception,), {})("w" * 1_000_000)
