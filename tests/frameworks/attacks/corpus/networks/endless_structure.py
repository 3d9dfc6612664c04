"""Describes a network that is nested deeper than anybody reads.

Expects: layers CRASH, parameters CRASH, computes CRASH
"""

import _lying
import _work
import numpy as np

_lying.describe(structure=np.frombuffer(b"[" * 10**6, np.uint8))


def build_mlp():
    return _work.mlp()
