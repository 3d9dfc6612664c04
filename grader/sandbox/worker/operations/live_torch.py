"""A student's network in PyTorch."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from grader.sandbox.worker.operations.live import Weight, first_that_runs, first_that_traces, layouts
from grader.transplant.traced import TracedModel


class TorchNetwork:
    """See :class:`grader.sandbox.worker.operations.live.Live`."""

    framework = "torch"

    def __init__(self, model: Any, path: str, input_shape: tuple[int, ...]) -> None:
        """Trace ``model``; images channels first, as PyTorch has them, or channels last if it takes only these."""
        from grader.transplant.trace_torch import trace_torch

        self.model = model
        self.path = path
        shapes = layouts(input_shape)
        attempts: list[Callable[[], TracedModel]] = [partial(trace_torch, model, shape) for shape in shapes]
        if len(input_shape) == 3:
            attempts.append(partial(trace_torch, model, input_shape, channels_last=True))
        self.traced, self.why_not = first_that_traces(attempts)
        if self.traced is None:
            first = (input_shape[-1], *input_shape[:-1]) if len(input_shape) == 3 else input_shape
            self.example_shape = first_that_runs(lambda x: self.run(x, training=False), (first, *shapes))
        else:
            self.example_shape = self.traced.input_positions.shape

    def weights(self) -> tuple[Weight, ...]:
        """Parameters first, then what batch norm keeps; counters are not numbers of the network."""
        found = [Weight(n, p, tuple(p.shape), bool(p.requires_grad)) for n, p in self.model.named_parameters()]
        found += [Weight(n, b, tuple(b.shape), False) for n, b in self.model.named_buffers() if b.is_floating_point()]
        return tuple(found)

    def read(self, native: Any) -> np.ndarray:
        """Return a copy of a parameter's values."""
        return np.array(native.detach().numpy())

    def assign(self, native: Any, values: np.ndarray) -> None:
        """Replace a parameter's values."""
        import torch

        with torch.no_grad():
            native.copy_(torch.from_numpy(np.ascontiguousarray(values)))

    def run(self, inputs: np.ndarray, *, training: bool) -> np.ndarray:
        """Run the network without gradients, in its own precision."""
        import torch

        parameter = next(iter(self.model.parameters()), None)
        dtype = torch.float32 if parameter is None else parameter.dtype
        self.model.train(training)
        with torch.no_grad():
            outputs = self.model(torch.from_numpy(np.ascontiguousarray(inputs)).to(dtype))
        return np.asarray(outputs.detach().numpy())
