"""Figures epoch by epoch, in logs of Keras and in the lines that a loop prints, as curves."""

import re

import msgspec

from grader.audit.readers.logs import ACCURACY_NAMES, Log, read_logs

MIN_EPOCHS = 3

_EPOCH = re.compile(r"^[^\w\n]{0,10}epoch\W{0,3}(\d{1,4})(?:\s*/\s*\d{1,4})?\b", re.IGNORECASE)
_FIGURE = re.compile(
    r"\b(?:(?P<part>train(?:ing)?|val(?:id(?:ation)?)?|test(?:ing)?)[ _-]?)?(?P<metric>loss|acc(?:uracy)?)\b"
    r"\W{0,4}(?P<value>\d{1,6}\.\d{1,10})(?![\w.])",
    re.IGNORECASE,
)
_PARTS = {"tr": "training", "va": "validation", "te": "test"}


class Curves(msgspec.Struct, frozen=True):
    """What one training printed: ``values`` by the name of the curve, such as ``validation loss``, one figure for each
    epoch. A loss that is not said to be of one part is the training's; such an accuracy is left out."""

    values: dict[str, tuple[float, ...]]


def read_curves(text: str) -> Curves | None:
    """Return the curves in a cell's output, if it holds one training of :data:`MIN_EPOCHS` epochs or more."""
    logs = read_logs(text)
    values = _of_keras(logs[0]) if len(logs) == 1 else {} if logs else _printed(text)
    long = {name: curve for name, curve in values.items() if len(curve) >= MIN_EPOCHS}
    return Curves(long) if long else None


def _of_keras(log: Log) -> dict[str, tuple[float, ...]]:
    found: dict[str, tuple[float, ...]] = {}
    for prefix, part in (("", "training"), ("val_", "validation")):
        for names, metric in ((("loss",), "loss"), (ACCURACY_NAMES, "accuracy")):
            name = next((name for name in names if f"{prefix}{name}" in log.epochs[0].metrics), "")
            curve = [epoch.metrics.get(f"{prefix}{name}") for epoch in log.epochs]
            if name and [epoch.number for epoch in log.epochs] == list(range(1, len(curve) + 1)) and all(curve):
                found[f"{part} {metric}"] = tuple(float(value) for value in curve if value)
    return found


def _printed(text: str) -> dict[str, tuple[float, ...]]:
    curves: dict[str, list[float]] = {}
    numbers = []
    for line in text.split("\n"):
        if epoch := _EPOCH.match(line):
            numbers.append(int(epoch[1]))
            for figure in _FIGURE.finditer(line[epoch.end() :]):
                metric = "loss" if figure["metric"].lower() == "loss" else "accuracy"
                part = _PARTS.get((figure["part"] or "").lower()[:2], "training" if metric == "loss" else "")
                if part:
                    curves.setdefault(f"{part} {metric}", []).append(float(figure["value"]))
    is_one_run = numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else False
    return {name: tuple(curve) for name, curve in curves.items() if is_one_run and len(curve) == len(numbers)}
