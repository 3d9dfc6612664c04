"""Says that its network belongs to a framework that nobody has heard of.

Expects: layers PASS, parameters PASS, computes PASS
"""

import _lying
import _work

_lying.describe(framework="os")


def build_mlp():
    return _work.mlp()
