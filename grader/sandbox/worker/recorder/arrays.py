"""What an array is: its shape, its values in outline, and which of the given images its rows are.

A row is recognized however it was scaled, shifted, reshaped, flattened or padded: what counts is the sequence of the
values above its smallest one, as shares of its largest.
"""

import hashlib
from typing import Any

import numpy as np

from grader.sandbox.worker.recorder.log import number

SAMPLED_ROWS = 32
"""Rows of an array that are looked up among the given images, evenly spread."""
MAX_SAMPLE = 2**22
"""Numbers that minimum, maximum and fingerprint are taken from."""

MAX_SCORED_ROWS = 10_000
"""Examples of one call or batch whose labels are looked up."""
_UNKNOWN = -1

_HALF = 0.5029
"""A little more than a half: shares of a largest value of 254 are often halves, which scaling moves to either side."""

Facts = dict[str, Any]


class Origins:
    """The given images, by what is left of them when scaling and padding are taken away."""

    def __init__(self, given: dict[str, dict[str, np.ndarray]]) -> None:
        """``given`` has images and labels of each data set: ``train_images`` (N, H, W) and so on."""
        self._given = given
        self._known: dict[bytes, set[str]] | None = None
        self._labels: dict[bytes, int] = {}

    def shares(self, values: np.ndarray, sampled: int = SAMPLED_ROWS) -> dict[str, int]:
        """Return of how many sampled rows of ``values`` (N, …) each set (``mnist train`` …) holds the image.

        ``rows`` is how many were looked up, ``unknown`` how many of them are in no set.
        """
        if values.ndim < 2 or not len(values) or not 16 <= values[0].size <= 16_384 or not self._given:
            return {}
        places = np.unique(np.linspace(0, len(values) - 1, min(sampled, len(values))).astype(int))
        found: dict[str, int] = {"rows": len(places)}
        for place in places:
            for name in self._lookup().get(essence(values[place]), {"unknown"}):
                found[name] = found.get(name, 0) + 1
        return found

    def right(self, values: np.ndarray, outputs: np.ndarray) -> int | None:
        """Return for how many rows of ``values`` (N, …) the largest of the row's ``outputs`` (N, classes) is the one of
        the image's class; ``None`` where that cannot be told of every row."""
        if values.ndim < 2 or outputs.ndim != 2 or len(values) != len(outputs) or outputs.shape[1] < 2:
            return None
        if not 0 < len(values) <= MAX_SCORED_ROWS or outputs.dtype.kind != "f" or not self._given:
            return None
        self._lookup()
        labels = [self._labels.get(essence(row), _UNKNOWN) for row in values]
        return None if _UNKNOWN in labels else int(np.sum(outputs.argmax(axis=1) == labels))

    def _lookup(self) -> dict[bytes, set[str]]:
        if self._known is None:
            self._known = {}
            for name, arrays in self._given.items():
                for part in ("train", "test"):
                    for image, label in zip(arrays[f"{part}_images"], arrays[f"{part}_labels"], strict=True):
                        found = essence(image)
                        self._known.setdefault(found, set()).add(f"{name} {part}")
                        if self._labels.setdefault(found, int(label)) != label:
                            self._labels[found] = _UNKNOWN
        return self._known


def essence(image: np.ndarray) -> bytes:
    """Return what is left of an image when scaling, shifting, reshaping and padding are taken away; nothing of one
    whose values are all the same."""
    row = np.asarray(image, np.float32).ravel()
    low, high = row.min(), row.max()
    if not high > low:
        return b""
    scaled = np.floor((row - low) * (255.0 / (high - low)) + _HALF).astype(np.uint8)
    return bytes(scaled[scaled > 0])


def facts(value: Any, origins: Origins | None = None) -> Facts | None:
    """Return what is known of an array, a tensor of either framework, or a list or mapping of them (the first one).

    Returns:
        A mapping: ``shape``, ``dtype``, ``low``, ``high``, ``fingerprint`` (of a sample of the values) and ``origins``
        (see :meth:`Origins.shares`); ``None`` if it is no array.
    """
    array = as_array(value)
    if array is None:
        return None
    sample = array if array.size <= MAX_SAMPLE else array[:: -(-array.size // MAX_SAMPLE)]
    is_number = array.dtype.kind in "biufc" and sample.size > 0
    return {
        "shape": [int(n) for n in array.shape[:8]],
        "dtype": str(array.dtype)[:40],
        "low": number(sample.min()) if is_number and array.dtype.kind != "c" else None,
        "high": number(sample.max()) if is_number and array.dtype.kind != "c" else None,
        "fingerprint": hashlib.sha256(np.ascontiguousarray(sample).tobytes()).hexdigest()[:16] if is_number else "",
        "origins": origins.shares(array) if origins is not None and is_number else {},
    }


def as_array(value: Any) -> np.ndarray | None:
    """Return ``value`` as an array without copying where that can be done; of several arrays the first."""
    if isinstance(value, (tuple, list)) and value and not isinstance(value[0], (int, float)):
        return as_array(value[0])
    if isinstance(value, dict) and value:
        return as_array(next(iter(value.values())))
    # what has no shape would be asked for all of its items: a generator of images has no end
    if not isinstance(value, (list, tuple)) and not hasattr(value, "shape"):
        return None
    try:
        if hasattr(value, "detach"):
            value = value.detach().cpu()
        if hasattr(value, "numpy") and not isinstance(value, np.ndarray):
            value = value.numpy()
        array = np.asarray(value)
    except Exception:
        return None
    return array if array.dtype.kind in "biufcUS" and array.ndim else None
