"""What a call of Keras' ``fit`` and its like was asked for, as plain data."""

from typing import Any, TypeGuard

import numpy as np

from grader.sandbox.worker.recorder.arrays import Origins, as_array, facts
from grader.sandbox.worker.recorder.log import number, settings, text
from grader.sandbox.worker.recorder.models import optimizer_facts

USUAL_BATCH = 32
"""What Keras takes where nothing is said."""

_CALLBACK_SETTINGS = (
    "monitor", "filepath", "save_best_only", "save_weights_only", "patience", "restore_best_weights", "min_delta",
    "factor", "mode", "log_dir",
)  # fmt: skip

Arguments = dict[str, Any]
NO_VALIDATION = {"source": "none", "share": 0.0, "inputs": None, "targets": None}


def data_facts(given: Arguments, origins: Origins) -> dict[str, Any]:
    """Return the arrays of a call and its batch size."""
    x, y, size = given.get("x"), given.get("y"), given.get("batch_size")
    inputs, targets = peeked(x)
    if inputs is not None and size is None:
        size = _length(inputs)
    return {
        "inputs": facts(x if inputs is None else inputs, origins),
        "targets": facts(y if targets is None else targets),
        "batch_size": whole(size if size is not None else USUAL_BATCH if is_rows(x) else None),
    }


def compiled_facts(model: Any) -> dict[str, Any]:
    """Return optimizer and loss of a model."""
    return {"optimizer": optimizer_facts(model.optimizer), "loss": name_of(model.loss)}


def fit_facts(model: Any, given: Arguments, origins: Origins) -> dict[str, Any]:
    """Return what a ``fit`` was asked for."""
    data = data_facts(given, origins)
    rows = _length(given.get("x")) if is_rows(given.get("x")) else None
    split = number(given.get("validation_split")) or 0.0
    asked = {
        "by": "fit",
        "epochs_asked": whole(given.get("epochs")) or 1,
        "initial_epoch": whole(given.get("initial_epoch")) or 0,
        "steps_asked": _steps(given, rows, split, data["batch_size"]),
        "validation": _validation(given, split, origins),
        "callbacks": [_callback_facts(callback) for callback in callbacks_of(given)][:20],
    }
    return data | asked | compiled_facts(model)


def _validation(given: Arguments, split: float, origins: Origins) -> dict[str, Any]:
    data = given.get("validation_data")
    if data is None:
        return NO_VALIDATION | {"source": "split" if split else "none", "share": split}
    inputs, targets = peeked(data)
    if inputs is None and isinstance(data, (tuple, list)) and data:
        inputs, targets = data[0], data[1] if len(data) > 1 else None
    return {"source": "data", "share": 0.0, "inputs": facts(inputs, origins), "targets": facts(targets)}


def callbacks_of(given: Arguments) -> list[Any]:
    """Return the callbacks of a call, given as a list, a ``CallbackList`` or one by itself."""
    callbacks = given.get("callbacks")
    if callbacks is None:
        return []
    if isinstance(callbacks, (list, tuple)):
        return list(callbacks)
    return list(getattr(callbacks, "callbacks", [callbacks]))


def _callback_facts(callback: Any) -> dict[str, Any]:
    found = {name: vars(callback).get(name) for name in _CALLBACK_SETTINGS}
    return {"kind": type(callback).__name__[:60], "settings": settings(**found)}


def peeked(data: Any) -> tuple[Any, Any]:
    """Return inputs and targets of the first batch of what gives batches; nothing of arrays, and of generators, which
    would have one batch less afterwards."""
    if data is None or isinstance(data, (np.ndarray, list, tuple, dict)):
        return None, None
    batch: Any = None
    try:
        if hasattr(data, "element_spec"):
            batch = next(iter(data.take(1)))
        elif hasattr(data, "__getitem__") and not hasattr(data, "shape"):
            batch = data[0]
    except Exception:
        # the student's own dataset may fail; then fit itself will say so
        return None, None
    if isinstance(batch, (tuple, list)) and batch:
        return batch[0], batch[1] if len(batch) > 1 else None
    return batch, None


def _steps(given: Arguments, rows: int | None, split: float, batch: int | None) -> int | None:
    """Return how many steps an epoch has."""
    asked = whole(given.get("steps_per_epoch"))
    if asked is not None:
        return asked
    if rows is not None and batch:
        return -(-int(rows * (1.0 - split)) // batch)
    try:
        return len(given["x"])
    except Exception:
        # a generator has no length
        return None


def whole(value: Any) -> int | None:
    """Return ``value`` as a whole number, ``None`` if it is no number."""
    found = number(value)
    return None if found is None else int(found)


def is_rows(value: Any) -> TypeGuard[Any]:
    """Whether ``value`` is an array or a tensor whose first rows can be taken."""
    return hasattr(value, "shape") and hasattr(value, "__getitem__") and len(value.shape) > 0


def _length(value: Any) -> int | None:
    array = as_array(value)
    return None if array is None else len(array)


def name_of(value: Any) -> str:
    """Return what a loss or a metric is called."""
    if isinstance(value, (list, tuple)) and len(value) == 1:
        return name_of(value[0])
    own = getattr(value, "__name__", "") or getattr(value, "name", "") or ""
    return text(value if isinstance(value, str) else own, 80)
