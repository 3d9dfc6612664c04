"""Calls its layers and its class what a terminal, a browser or a spreadsheet would act on.

Expects: layers FAIL, parameters FAIL, computes FAIL
"""

from collections import OrderedDict

from torch import nn

NAMES = [
    "\x1b[2J\x1b]0;full marks\x07",
    "<script>alert(1)</script>",
    "=1+1",
    "|x|[y](javascript:alert(1))\u202e",
    "a\nb",
]
Network = type("<img src=x onerror=alert(1)>\x1b[31m", (nn.Sequential,), {})


def build_mlp():
    layers = [nn.Flatten(), nn.Linear(784, 33), nn.ReLU(), nn.Linear(33, 32), nn.Linear(32, 10)]
    return Network(OrderedDict(zip(NAMES, layers)))
