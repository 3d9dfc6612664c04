"""What a training function returned, read by the trusted side. Pure."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from grader.sandbox import wire

KEYS = ("loss", "accuracy", "val_loss", "val_accuracy")
MAX_KEYS, MAX_EPOCHS = 50, 1000

History = dict[str, tuple[float, ...]]


def decoded(payload: wire.Payload) -> History | None:
    """Return a history by the names of :data:`KEYS`, other entries under their own; ``None`` for none.

    Raises:
        ValueError: this is nothing that an honest worker sends.
    """
    if payload is None:
        return None
    if not isinstance(payload, dict) or len(payload) > MAX_KEYS:
        raise ValueError("a history is a mapping of at most 50 entries")
    history: History = {}
    for key, values in payload.items():
        if not isinstance(values, np.ndarray) or values.ndim != 1 or len(values) > MAX_EPOCHS or values.dtype != "f8":
            raise ValueError("an entry of a history is a list of numbers")
        history.setdefault(usual_key(key), tuple(float(value) for value in values))
    return history


def usual_key(key: str) -> str:
    """Return the handout's name for an entry: ``val_sparse_categorical_accuracy`` and ``validation_acc`` are
    ``val_accuracy``."""
    plain = key.strip().lower().replace(" ", "_")
    prefix = ""
    for word, stands_for in (
        ("validation_", "val_"),
        ("valid_", "val_"),
        ("val_", "val_"),
        ("training_", ""),
        ("train_", ""),
    ):
        if plain.startswith(word):
            plain, prefix = plain.removeprefix(word), stands_for
            break
    if plain in ("acc", "accuracy") or plain.endswith("categorical_accuracy"):
        plain = "accuracy"
    return prefix + plain if plain in ("loss", "accuracy") else key[:100]


def problem_of(history: Mapping[str, tuple[float, ...]] | None, returned: str, epochs: int) -> str:
    """Say what is wrong with a history of ``epochs`` epochs; empty if nothing is."""
    if history is None:
        return f"It returned {'nothing' if returned == 'NoneType' else f'a {returned}'}, not a dict of lists."
    missing = [key for key in KEYS if key not in history]
    if missing:
        return f"There is no list of numbers under {', '.join(missing)}; there is {', '.join(history) or 'nothing'}."
    for key in KEYS:
        count = len(history[key])
        if count != epochs:
            return f"Under {key} there are {count} numbers; there should be one for each of the {epochs} epochs."
        if not np.isfinite(history[key]).all():
            return f"Under {key} there is a number that is not finite."
    return ""


def nearest_accuracy(history: Mapping[str, Any] | None, measured: float) -> float | None:
    """Return the validation accuracy of the epoch that comes nearest to what was measured afterwards; ``None`` without
    any. Some keep the best epoch's weights, so it need not be the last. Percentages count as well as shares."""
    values = [] if history is None else [value for value in history.get("val_accuracy", ()) if np.isfinite(value)]
    if not values:
        return None
    shares = [value / 100 for value in values] if max(values) > 1 else values
    nearest: float = min(shares, key=lambda share: abs(share - measured))
    return nearest
