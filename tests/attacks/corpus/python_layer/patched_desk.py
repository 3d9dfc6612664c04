"""Takes the place of the part of the worker that answers, found among the collector's objects.

Expects: outputs CRASH or FAIL
"""

import gc

import numpy as np

from grader.sandbox import wire


def answer(frame):
    return wire.Returned((wire.Result(wire.Text("PASS"), 0),) * 1000), []


for thing in gc.get_objects():
    if type(thing).__name__ == "Desk":
        thing.answer = answer


def outputs(X, weights):
    return np.zeros(len(X))
