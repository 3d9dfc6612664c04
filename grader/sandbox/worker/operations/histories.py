"""Histories of trainings as JSON, in the forms that students write them."""

import json
from typing import Any

import numpy as np

from grader.sandbox.worker.operations.workbench import Workbench

MAX_BYTES = 4 * 2**20
MAX_SERIES = 100
MAX_NUMBERS = 100_000
MAX_NAME = 200
_WRAPPINGS = 3
_MAX_DIGITS = 18
"""Of the number of an epoch."""


def read_history(bench: Workbench, path: str) -> dict[str, Any]:
    """Return the history in the delivered file ``path``.

    Taken are a dict of lists, the same inside another dict (``{"history": …}``), a dict of dicts by epoch, and a list
    of dicts, one for each epoch.

    Returns:
        A mapping: ``problem``, empty or a clause about "it" that says why it cannot be read; ``series``, arrays
        (float64) by name, NaN where there is no number.
    """
    data = (bench.root / path).read_bytes()
    if len(data) > MAX_BYTES:
        return {"problem": f"it has {len(data):,} bytes; at most {MAX_BYTES >> 20} MiB are read", "series": {}}
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        return {"problem": f"line {error.lineno}, column {error.colno} is not JSON: {error.msg}", "series": {}}
    except UnicodeDecodeError:
        return {"problem": "it is not UTF-8 text", "series": {}}
    except (RecursionError, ValueError):
        return {"problem": "it is nested too deeply, or has a number that cannot be read", "series": {}}
    found = series(document)
    return {"problem": "" if found else "it holds no lists of numbers, one for each epoch", "series": found}


def series(document: Any) -> dict[str, np.ndarray]:
    """Return the lists of numbers in what a JSON file held, by name; none if it is no history."""
    for _ in range(_WRAPPINGS):
        if isinstance(document, list):
            document = _by_name(document)
        if not isinstance(document, dict):
            return {}
        columns = {name: _column(value) for name, value in list(document.items())[:MAX_SERIES]}
        found = {name[:MAX_NAME]: column for name, column in columns.items() if column is not None}
        if found:
            return found
        inner = [value for value in document.values() if isinstance(value, (dict, list))]
        if len(inner) != 1:
            return {}
        document = inner[0]
    return {}


def _by_name(epochs: list[Any]) -> dict[str, list[Any]] | None:
    if not epochs or not all(isinstance(epoch, dict) for epoch in epochs):
        return None
    names = dict.fromkeys(name for epoch in epochs for name in epoch)
    return {name: [epoch.get(name) for epoch in epochs] for name in list(names)[:MAX_SERIES]}


def _column(value: Any) -> np.ndarray | None:
    if isinstance(value, dict) and value and all(key.isdecimal() and len(key) <= _MAX_DIGITS for key in value):
        value = [value[key] for key in sorted(value, key=int)]
    if not isinstance(value, list) or not value or len(value) > MAX_NUMBERS:
        return None
    numbers = [_number(item) for item in value]
    return np.array(numbers, np.float64) if any(number is not None for number in numbers) else None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value)
    except OverflowError:
        return float("inf")
