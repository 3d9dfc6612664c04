"""Searches all objects of the process for an answer, a secret, or a module that knows one.

Expects: outputs FAIL
"""

import gc
import re
import sys

import numpy as np

TRUSTED = ("course", "grading", "oracle", "results", "report", "checks", "session", "submission")


def outputs(X, weights):
    for name in sys.modules:
        if name.startswith("grader.") and name.split(".")[1] in TRUSTED:
            raise RuntimeError("got through: " + name)
    # what a process had before it was copied may be hidden from the collector
    gc.unfreeze()
    for thing in gc.get_objects():
        for value in gc.get_referents(thing):
            if type(value) is str and re.search("canary-[0-9a-f]{32}", value):
                raise RuntimeError("got through: " + value)
            if type(value) is np.ndarray and value.shape == (len(X),) and value.base is not X.base:
                return value
    return np.zeros(len(X))
