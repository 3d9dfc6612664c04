"""Says that a package is missing on this machine, so that a person has to look at it.

Expects: outputs CRASH or NEEDS_REVIEW
"""


def outputs(X, weights):
    raise ModuleNotFoundError("No module named 'torch'")
