"""A student's network in Keras 3."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from grader.sandbox.worker.operations.live import Weight, first_that_runs, first_that_traces, layouts
from grader.transplant.traced import TracedModel


class KerasNetwork:
    """See :class:`grader.sandbox.worker.operations.live.Live`."""

    framework = "keras"

    def __init__(self, model: Any, path: str, input_shape: tuple[int, ...]) -> None:
        """Trace ``model``; a network that was built with an input knows it, another is tried with what it may take."""
        from grader.transplant.trace_keras import trace_keras

        self.model = model
        self.path = path
        shapes = layouts(input_shape)
        attempts: list[Callable[[], TracedModel]] = []
        declared = getattr(model, "input_shape", None) if model.built else None
        if isinstance(declared, tuple) and None not in declared[1:]:
            if len(input_shape) == 3 and declared[1:] == (input_shape[-1], *input_shape[:-1]) != input_shape:
                attempts.append(partial(trace_keras, model, input_shape, channels_last=False))
            else:
                attempts.append(partial(trace_keras, model))
        else:
            attempts += [partial(trace_keras, model, shape) for shape in shapes]
        self.traced, self.why_not = first_that_traces(attempts)
        if self.traced is None:
            self.example_shape = first_that_runs(lambda x: self.run(x, training=False), shapes)
        else:
            self.example_shape = self.traced.input_positions.shape

    def weights(self) -> tuple[Weight, ...]:
        """Every variable of the network; seeds of dropout are not numbers of the network."""
        trained = {id(variable) for variable in self.model.trainable_variables}
        return tuple(
            Weight(variable.path, variable, tuple(variable.shape), id(variable) in trained)
            for variable in self.model.weights
            if "float" in str(variable.dtype)
        )

    def read(self, native: Any) -> np.ndarray:
        """Return a copy of a variable's values."""
        return np.array(native.value.numpy())

    def assign(self, native: Any, values: np.ndarray) -> None:
        """Replace a variable's values."""
        native.assign(values)

    def run(self, inputs: np.ndarray, *, training: bool) -> np.ndarray:
        """Run the network."""
        return np.asarray(self.model(inputs.astype(self.model.compute_dtype), training=training))
