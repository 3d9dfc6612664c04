"""Calls of Keras made shorter: fewer rows, steps and epochs than were asked for, everything else as it was."""

import time
from typing import Any

from grader.sandbox.worker.recorder.keras_facts import USUAL_BATCH, Arguments, is_rows, whole
from grader.sandbox.worker.recorder.log import number
from grader.sandbox.worker.replay.budget import Budget

VALIDATION_STEPS = 2


def cut_fit(call: Arguments, budget: Budget) -> bool:
    """Shorten the arguments of a ``fit`` in place; return whether anything was left out."""
    if budget.epochs is None or budget.steps is None:
        return False
    asked, first = whole(call.get("epochs")) or 1, whole(call.get("initial_epoch")) or 0
    call["epochs"] = min(asked, first + budget.epochs)
    _split_first(call)
    steps = max(budget.steps, 1)
    rows = steps * (whole(call.get("batch_size")) or USUAL_BATCH)
    is_cut = _cut(call, ("x", "y", "sample_weight"), "steps_per_epoch", rows, steps)
    data = call.get("validation_data")
    if isinstance(data, (tuple, list)):
        parts = dict(enumerate(data))
        is_cut = _cut(parts, tuple(parts), "", budget.rows, 0) or is_cut
        call["validation_data"] = tuple(parts.values())
    elif data is not None:
        call["validation_steps"] = min(whole(call.get("validation_steps")) or VALIDATION_STEPS, VALIDATION_STEPS)
    return is_cut or call["epochs"] < asked


def cut_measure(call: Arguments, budget: Budget) -> bool:
    """Shorten the arguments of ``evaluate`` or ``predict`` in place; return whether anything was left out."""
    return _cut(call, ("x", "y", "sample_weight"), "steps", budget.rows, VALIDATION_STEPS)


def _split_first(call: Arguments) -> None:
    """Set the share for validation aside before rows are left out, as ``fit`` would."""
    split = number(call.get("validation_split")) or 0.0
    x, y = call.get("x"), call.get("y")
    if not split or call.get("validation_data") is not None or not is_rows(x) or not is_rows(y):
        return
    first = int(len(x) * (1.0 - split))
    call["x"], call["y"] = x[:first], y[:first]
    call["validation_data"] = (x[first:], y[first:])
    call["validation_split"] = 0.0
    if is_rows(call.get("sample_weight")):
        call["sample_weight"] = call["sample_weight"][:first]


def _cut(call: dict[Any, Any], names: tuple[Any, ...], steps_key: str, rows: int | None, steps: int) -> bool:
    """Keep the first rows of arrays, or the first batches of what gives batches."""
    if rows is None:
        return False
    first = call.get(names[0])
    if not is_rows(first):
        if not steps_key or first is None or isinstance(first, (dict, tuple, list)):
            return False
        asked = whole(call.get(steps_key))
        call[steps_key] = steps if asked is None else min(asked, steps)
        return asked is None or asked > steps
    if len(first) <= rows:
        return False
    for name in names:
        if is_rows(call.get(name)):
            call[name] = call[name][:rows]
    return True


def counter() -> Any:
    """Return a callback that counts steps and epochs."""
    import keras

    class Counter(keras.callbacks.Callback):  # type: ignore[misc]
        steps = epochs = 0

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.steps += 1

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.epochs += 1

    return Counter()


def clock(ends_at: float) -> Any:
    """Return a callback that ends a training at ``ends_at`` (of ``time.monotonic``)."""
    import keras

    class Clock(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if time.monotonic() > ends_at:
                self.model.stop_training = True

    return Clock()


def nothing_trained(model: Any, call: Arguments) -> Any:
    """Build ``model`` on its first rows and return a history without epochs."""
    import keras

    if not model.built and is_rows(call.get("x")):
        model(call["x"][:2])
    history = keras.callbacks.History()
    history.set_model(model)
    history.set_params({"epochs": 0, "steps": 0, "verbose": 0})
    history.on_train_begin()
    return history
