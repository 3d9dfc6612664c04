"""Says that it took no time that is a number.

Expects: outputs CRASH
Says: did not keep to the protocol
"""

from grader.sandbox.worker import loader

loader.process_time = lambda: float("nan")


def outputs(X, weights):
    return X @ weights["W"] + weights["b"]
