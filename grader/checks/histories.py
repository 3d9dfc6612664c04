"""Histories of trainings as students record them: in JSON and for TensorBoard, under whatever names they chose."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple, TypeAlias

import msgspec
import numpy as np

from grader.checks.payloads import decoded
from grader.sandbox import wire

Key: TypeAlias = Literal["loss", "accuracy", "val_loss", "val_accuracy"]
KEYS: tuple[Key, ...] = ("loss", "accuracy", "val_loss", "val_accuracy")

_VALIDATION = frozenset({"val", "valid", "validation", "dev", "eval", "evaluation"})
_TEST = frozenset({"test", "testing"})
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_Name: TypeAlias = Annotated[str, msgspec.Meta(max_length=500)]


class History(msgspec.Struct, frozen=True, eq=False):
    """What a file holds: ``series`` by the names in it; ``problem`` is empty or says why it could not be read."""

    problem: _Name
    series: Annotated[dict[_Name, np.ndarray], msgspec.Meta(max_length=200)]


class Scalars(msgspec.Struct, frozen=True, eq=False):
    """One curve for TensorBoard: N steps and values."""

    tag: _Name
    steps: np.ndarray
    values: np.ndarray


class Events(msgspec.Struct, frozen=True, eq=False):
    """One event file."""

    path: str
    problem: _Name
    series: tuple[Scalars, ...]


def decode_history(answer: wire.Payload) -> History:
    """Return what the operation ``read_history`` answered.

    Raises:
        ValueError: it is not what an honest worker says.
    """
    history = decoded(answer, History)
    _check_axes(*history.series.values())
    return history


def decode_events(answer: wire.Payload) -> tuple[Events, ...]:
    """Return what the operation ``read_events`` answered.

    Raises:
        ValueError: it is not what an honest worker says.
    """
    files = decoded(answer, tuple[Events, ...])
    for scalars in (scalars for file in files for scalars in file.series):
        _check_axes(scalars.steps, scalars.values)
        if scalars.steps.shape != scalars.values.shape:
            raise ValueError("each value has a step")
    return files


def _check_axes(*arrays: np.ndarray) -> None:
    if any(array.ndim != 1 for array in arrays):
        raise ValueError("a series has one axis")


class Meaning(NamedTuple):
    """What a name stands for: of which images, and which figure."""

    split: str
    figure: str


def meaning_of(name: str) -> Meaning | None:
    """Return what a series is by its name, such as ``val_acc``, ``Loss/train``, ``validation epoch_loss``; ``None`` if
    it is neither a loss nor an accuracy. What names no images is of those trained on."""
    words = [word.lower() for word in _WORD.findall(name)]
    if any(word.startswith("acc") for word in words):
        figure = "accuracy"
    elif any(word.endswith("loss") or word in ("cost", "crossentropy") for word in words):
        figure = "loss"
    else:
        return None
    if _VALIDATION.intersection(words) or any(word in ("vloss", "vacc") for word in words):
        return Meaning("validation", figure)
    return Meaning("test" if _TEST.intersection(words) else "training", figure)


def find_series(series: Mapping[str, np.ndarray], wanted: str) -> np.ndarray | None:
    """Return the series called ``wanted``, else the longest one that means the same, else ``None``."""
    if wanted in series:
        return series[wanted]
    meaning = meaning_of(wanted)
    alike = [values for name, values in series.items() if meaning is not None and meaning_of(name) == meaning]
    return max(alike, key=len, default=None)
