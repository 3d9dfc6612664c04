"""Calling a student's own training function."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from grader.sandbox.worker.operations.live import seed_all
from grader.sandbox.worker.operations.workbench import Workbench

MAX_KEYS, MAX_EPOCHS = 50, 1000


def train(
    bench: Workbench,
    handle: str,
    path: str,
    name: str,
    x_train: np.ndarray,
    y_train: np.ndarray,
    x_validation: np.ndarray,
    y_validation: np.ndarray,
    epochs: np.ndarray,
    seed: np.ndarray,
) -> dict[str, Any]:
    """Have the function ``name`` of the loaded file ``path`` train the network kept under ``handle``.

    The images are (N, 28, 28) float32, the labels (N,) int64. Random numbers start from ``seed``.

    Returns:
        A mapping: ``history``, a mapping of float arrays, or ``None`` if nothing that was returned is one;
        ``returned``, the type of what was returned; ``changed``, the names of inputs that were changed in place.
    """
    live = bench.network(handle)
    bench.path = path
    function = bench.loader.named(path, name)
    given = {
        "x_train": np.array(x_train),
        "y_train": np.array(y_train),
        "x_validation": np.array(x_validation),
        "y_validation": np.array(y_validation),
    }
    before = {key: array.copy() for key, array in given.items()}
    seed_all(int(seed))
    returned = function(live.model, *given.values(), int(epochs))
    return {
        "history": history_in(returned),
        "returned": type(returned).__name__,
        "changed": tuple(key for key, array in given.items() if not np.array_equal(array, before[key])),
    }


def history_in(returned: object) -> dict[str, np.ndarray] | None:
    """Return the history among what a training function returned: a mapping, or an object such as Keras' ``History``
    that has one, by itself or in a tuple. Entries that are not lists of numbers are left out."""
    candidates: Iterable[object] = returned if isinstance(returned, (tuple, list)) else (returned,)
    for candidate in candidates:
        found = candidate if isinstance(candidate, Mapping) else getattr(candidate, "history", None)
        if isinstance(found, Mapping):
            numbers = {str(key): _numbers(values) for key, values in list(found.items())[:MAX_KEYS]}
            return {key: values for key, values in numbers.items() if values is not None}
    return None


def _numbers(values: Any) -> np.ndarray | None:
    try:
        return np.array([float(value) for value in list(values)[:MAX_EPOCHS]], np.float64)
    except (TypeError, ValueError, RuntimeError):
        return None
