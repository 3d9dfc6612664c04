"""Networks used as the worker uses them, with the worker's own operations, but in the process of the test."""

from pathlib import Path

import numpy as np

from grader.checks.student_models import Built, WeightFacts
from grader.course.model import ModelSpec
from grader.sandbox.worker.operations import find
from grader.sandbox.worker.operations.live import adopt
from grader.sandbox.worker.operations.workbench import Workbench
from grader.submission.binding import Bound


class Definitions:
    """Stands where the worker has a loaded file: its functions, by name."""

    def __init__(self, functions):
        self.functions = functions

    def load(self, path, names):
        return None

    def named(self, path, name):
        try:
            return self.functions[name]
        except KeyError:
            raise NameError(name) from None


class InProcess:
    """Does what :class:`grader.checks.student_models.StudentModels` does, without a worker."""

    def __init__(self, **functions):
        self.bench = Workbench(Path(), Definitions(functions))

    def build(self, model, input_shape, described=True):
        live = adopt(model, "networks.py", input_shape)
        if not described:
            live.traced, live.why_not = None, "a test says so"
        self.bench.put("network", live)
        weights = tuple(WeightFacts(weight.name, weight.shape, weight.trained) for weight in live.weights())
        network = None if live.traced is None else live.traced.network
        spec = ModelSpec("net", "build_net", input_shape, "build_net")
        place = Bound("networks.py", "build_net", 1, None)
        return Built(spec, place, "network", live.framework, "Net", network, live.why_not, weights)

    def operate(self, built, operation, options, *, doing):
        return find(operation)(self.bench, **{name: _sent(value) for name, value in options.items()})

    def write(self, built, arrays):
        self.operate(built, "write", {"handle": built.handle, "arrays": arrays}, doing="")

    def forward(self, built, inputs, *, training=False, seed=0):
        options = {"handle": built.handle, "inputs": inputs, "training": np.array(training), "seed": np.array(seed)}
        return self.operate(built, "forward", options, doing="").reshape(len(inputs), -1)


def _sent(value):
    """Return a copy, as a value has when it has travelled."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, tuple | list):
        return tuple(map(_sent, value))
    return {name: _sent(one) for name, one in value.items()} if isinstance(value, dict) else value
