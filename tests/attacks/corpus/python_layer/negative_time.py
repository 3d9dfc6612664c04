"""Says that it took less than no time, so that others have to pay for what it uses.

Expects: outputs CRASH
Says: did not keep to the protocol
"""

import itertools

from grader.sandbox.worker import loader

ticks = itertools.count(0, -1000)
loader.process_time = lambda: float(next(ticks))


def outputs(X, weights):
    return X @ weights["W"] + weights["b"]
