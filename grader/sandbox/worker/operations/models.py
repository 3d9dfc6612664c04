"""Building a network, running it, and exchanging its weights."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from grader.sandbox.worker.operations.live import Live, adopt, framework_of, seed_all
from grader.sandbox.worker.operations.live import forward as run_forward
from grader.sandbox.worker.operations.workbench import Workbench
from grader.transplant import portable


def build(
    bench: Workbench,
    handle: str,
    path: str,
    name: str,
    arguments: Mapping[str, Any],
    input_shape: np.ndarray,
    seed: np.ndarray,
) -> dict[str, Any]:
    """Make the network that ``name`` of the loaded file ``path`` stands for, keep it, and describe it.

    ``name`` is a function or a class, which is called with ``arguments``, or a network itself. Random numbers start
    from ``seed``.

    Returns:
        A mapping: ``framework``, ``class_name``; ``structure`` (bytes, uint8) and ``arrays`` as
        :mod:`grader.transplant.portable` has them, or ``why_not``; ``weights``, a mapping each of name, shape, trained.
    """
    bench.path = path
    made = bench.loader.named(path, name)
    if framework_of(made) is None:
        seed_all(int(seed))
        made = made(**{key: _plain(value) for key, value in arguments.items()})
    live = adopt(made, path, tuple(map(int, input_shape)))
    bench.put(handle, live)
    return describe(live)


def describe(live: Live) -> dict[str, Any]:
    """Return what :func:`build` says of a network."""
    structure, arrays = (None, ()) if live.traced is None else portable.encode(live.traced.network)
    return {
        "framework": live.framework,
        "class_name": type(live.model).__name__,
        "structure": None if structure is None else np.frombuffer(structure, np.uint8),
        "arrays": arrays,
        "why_not": live.why_not,
        "weights": tuple(
            {"name": weight.name, "shape": np.array(weight.shape, np.int64), "trained": np.array(weight.trained)}
            for weight in live.weights()
        ),
    }


def forward(bench: Workbench, handle: str, inputs: np.ndarray, training: np.ndarray, seed: np.ndarray) -> np.ndarray:
    """Return what a network makes of N examples; see :func:`grader.sandbox.worker.operations.live.forward`."""
    live = bench.network(handle)
    seed_all(int(seed))
    return run_forward(live, np.asarray(inputs), training=bool(training))


def read(bench: Workbench, handle: str) -> tuple[Mapping[str, np.ndarray], ...]:
    """Return a traced network's arrays as they are now, one mapping for each layer of its description."""
    live = bench.network(handle)
    if live.traced is None:
        raise ValueError(live.why_not)
    return live.traced.current().arrays


def write(bench: Workbench, handle: str, arrays: tuple[Mapping[str, np.ndarray], ...]) -> None:
    """Give a traced network other weights, laid out as :func:`read` returns them."""
    live = bench.network(handle)
    if live.traced is None:
        raise ValueError(live.why_not)
    live.traced.write(arrays)


def write_parameters(bench: Workbench, handle: str, arrays: tuple[np.ndarray, ...]) -> None:
    """Give a network other weights, one array for each of its own in their order, in the framework's layout."""
    live = bench.network(handle)
    for weight, values in zip(live.weights(), arrays, strict=True):
        live.assign(weight.native, values.reshape(weight.shape))


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.ndarray) and value.ndim == 0 else value
