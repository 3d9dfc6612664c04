"""Waits for the end in every place where something is called at the end, to have the last word.

Expects: layers NEEDS_REVIEW, parameters NEEDS_REVIEW, computes NEEDS_REVIEW
"""

import atexit
import threading
import weakref

import _work
import torch
from torch import nn


class Last(nn.Sequential):
    def __del__(self):
        import os

        os.write(3, b"\xff" * 1000)


def last(*_):
    import os

    os.write(3, b"\xff" * 1000)


atexit.register(last)
threading._register_atexit(last)


class Wrong(nn.Sequential):
    def forward(self, x):
        return -super().forward(x)


kept = Last()
weakref.finalize(kept, last)


def build_mlp():
    return Wrong(*_work.mlp())
