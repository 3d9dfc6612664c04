"""Is the right network as long as it is looked at, and adds something to its outputs from then on.

Expects: layers NEEDS_REVIEW, parameters NEEDS_REVIEW, computes NEEDS_REVIEW
"""

import _work

calls = []


def later(module, inputs, outputs):
    calls.append(module)
    return outputs + (len(calls) > 1)


def build_mlp():
    network = _work.mlp()
    network.register_forward_hook(later)
    return network
