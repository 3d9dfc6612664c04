"""Brings files along that Python, NumPy, pytest or the grader might take for their own.

Expects: outputs FAIL
"""

import numpy


def outputs(X, weights):
    return numpy.zeros(len(X))
