"""Describes its network with a text where bytes are expected.

Expects: layers CRASH, parameters CRASH, computes CRASH
"""

import _lying
import _work
import numpy as np

_lying.describe(structure="text")


def build_mlp():
    return _work.mlp()
