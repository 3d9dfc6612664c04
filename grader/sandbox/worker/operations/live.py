"""A student's network, live, in either framework: what both have in common."""

import random
import sys
from collections.abc import Callable, Sequence
from math import prod
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np

from grader.transplant.traced import TracedModel, TraceError

CHUNK = 500
"""How many examples are run at a time in evaluation mode: more would only take memory."""


class Weight(NamedTuple):
    """One array of a network. ``trained`` says whether training changes it through gradients."""

    name: str
    native: Any
    shape: tuple[int, ...]
    trained: bool


class NotANetworkError(TypeError):
    """What was built is not a network of a framework that is known."""


class Live(Protocol):
    """A network with what can be done to it. ``traced`` is ``None`` where ``why_not`` says why it cannot be described.

    ``example_shape`` is one example as the network itself takes it.
    """

    framework: str
    model: Any
    path: str
    traced: TracedModel | None
    why_not: str
    example_shape: tuple[int, ...]

    def weights(self) -> tuple[Weight, ...]:
        """Return every array once, in the network's own order, also where layers share one."""

    def read(self, native: Any) -> np.ndarray:
        """Return a copy of an array's values, in the framework's layout."""

    def assign(self, native: Any, values: np.ndarray) -> None:
        """Replace an array's values; ``values`` has its shape."""

    def run(self, inputs: np.ndarray, *, training: bool) -> np.ndarray:
        """Return what the network makes of ``inputs``, (N, *example_shape), in one piece."""


def framework_of(value: object) -> Literal["torch", "keras"] | None:
    """Return whose network ``value`` is, ``None`` if it is none. A framework that nobody has imported has none."""
    torch, keras = sys.modules.get("torch"), sys.modules.get("keras")
    if torch is not None and isinstance(value, torch.nn.Module):
        return "torch"
    return "keras" if keras is not None and isinstance(value, keras.Model) else None


def seed_all(number: int) -> None:
    """Seed every source of random numbers that a network may use: Python's, NumPy's, the imported frameworks'."""
    random.seed(number)
    np.random.seed(number)
    if (torch := sys.modules.get("torch")) is not None:
        torch.manual_seed(number)
    if (keras := sys.modules.get("keras")) is not None:
        keras.utils.set_random_seed(number)


def adopt(model: Any, path: str, input_shape: tuple[int, ...]) -> Live:
    """Return ``model``, whatever its framework, traced if it can be.

    ``input_shape`` is one example as the handout has it, such as (28, 28, 1); a network that takes the same values as
    (28, 28), flat, or channels first is as good.

    Raises:
        NotANetworkError: it belongs to no framework that is known.
    """
    match framework_of(model):
        case "torch":
            from grader.sandbox.worker.operations.live_torch import TorchNetwork

            return TorchNetwork(model, path, input_shape)
        case "keras":
            from grader.sandbox.worker.operations.live_keras import KerasNetwork

            return KerasNetwork(model, path, input_shape)
    raise NotANetworkError(f"a {type(model).__name__} is neither a torch.nn.Module nor a keras.Model")


def first_that_traces(
    attempts: Sequence[Callable[[], TracedModel]],
) -> tuple[TracedModel | None, str]:
    """Return the result of the first attempt that succeeds, or why the first one failed."""
    reasons: list[str] = []
    for attempt in attempts:
        try:
            return attempt(), ""
        except TraceError as error:
            reasons.append(str(error))
        except Exception as error:
            # a way of writing networks that nobody has thought of: a person looks at it, and it costs nothing
            reasons.append(f"{type(error).__name__}: {error}")
    return None, reasons[0] if reasons else "nothing was tried"


def first_that_runs(run: Callable[[np.ndarray], np.ndarray], shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """Return the first of ``shapes`` of one example that the network takes, and the first of all if it takes none."""
    for shape in shapes:
        try:
            run(np.zeros((2, *shape), np.float32))
        except Exception:
            continue
        return shape
    return shapes[0]


def forward(live: Live, inputs: np.ndarray, *, training: bool) -> np.ndarray:
    """Return what ``live`` makes of N examples, values in the order of the description.

    Args:
        inputs: (N, …), as many values an example as the network takes; rows, columns, channels.
        training: in training mode the examples go through in one piece, since batch norm looks at all of them.
    """
    traced = live.traced
    if traced is None:
        native = inputs.reshape(len(inputs), *live.example_shape)
    else:
        native = traced.native_inputs(inputs.reshape(len(inputs), *traced.network.input_shape))
    pieces = [native] if training else [native[i : i + CHUNK] for i in range(0, len(native), CHUNK)]
    outputs = np.concatenate([live.run(piece, training=training) for piece in pieces])
    return outputs if traced is None else traced.neutral_outputs(outputs)


def layouts(input_shape: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """Return the shapes that one example may have, the handout's own first: also without channels, and flat."""
    shapes = [input_shape]
    if len(input_shape) == 3 and input_shape[-1] == 1:
        shapes.append(input_shape[:2])
    if len(input_shape) > 1:
        shapes.append((prod(input_shape),))
    return tuple(shapes)
