"""What is recorded of trainings: ``reference/<assignment>/recorded/results.json``.

The file is written by ``grader reference regenerate --write`` and never by hand: a digest of its content is part of it.
The same results give the same bytes.
"""

import hashlib
import json
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import numpy as np

from grader.data.load import Source
from grader.oracle.frameworks import FrameworkName
from grader.oracle.training import Outcome

FORMAT = 1
RESULTS_FILE = Path("recorded", "results.json")
SIGNIFICANT_DIGITS = 6
LINE_LENGTH = 120

Number: TypeAlias = float | None
"""``None`` stands for a number that was not finite."""


class DamagedResults(Exception):
    """A results file cannot be used. The text says which, why, and what to do."""


class Array(msgspec.Struct, frozen=True):
    """An array as numbers in a row, last axis fastest."""

    shape: tuple[int, ...]
    values: tuple[Number, ...]


class Made(msgspec.Struct, frozen=True):
    """On what one training was done.

    Attributes:
        finished: when, UTC, ISO 8601.
        versions: of Python and of packages, by name.
        machine: system, processor and cores.
        device: ``CPU``, or the name of a GPU.
        threads: how many the training used.
        seconds: how long it took, evaluation included, the start of the process not.
    """

    finished: str
    versions: dict[str, str]
    machine: str
    device: str
    threads: int
    seconds: float

    @property
    def numbers_from(self) -> tuple[object, ...]:
        """What must be the same for the same numbers to the last digit."""
        return sorted(self.versions.items()), self.machine, self.device, self.threads


class Run(msgspec.Struct, frozen=True, omit_defaults=True):
    """One training from one seed. ``history`` has one number for each epoch, by name."""

    seed: int
    made: Made
    history: dict[str, tuple[Number, ...]]
    metrics: dict[str, Number] = {}
    arrays: dict[str, Array] = {}


class Measured(msgspec.Struct, frozen=True):
    """One metric of several trainings.

    Attributes:
        mean: of ``values``.
        deviation: the standard deviation of a sample (divided by one less than their number); ``None`` for one seed.
        values: in the order of the record's seeds.
    """

    mean: Number
    deviation: Number
    values: tuple[Number, ...]


class Record(msgspec.Struct, frozen=True):
    """One experiment in one framework on one source of data.

    Attributes:
        experiment: its name in ``experiments.py``.
        framework, source: with what and on what.
        epochs: of each training.
        data_digest, sources_digest: what the images and the code were.
        metrics: by name.
        runs: one for each seed; only the first keeps its arrays, and their metrics are in ``metrics``.
    """

    experiment: str
    framework: FrameworkName
    source: Source
    epochs: int
    data_digest: str
    sources_digest: str
    metrics: dict[str, Measured]
    runs: tuple[Run, ...]

    @property
    def key(self) -> tuple[str, str, str]:
        """What identifies it within an assignment."""
        return self.experiment, self.framework, self.source

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of its runs, in order."""
        return tuple(run.seed for run in self.runs)

    @property
    def seconds(self) -> float:
        """The mean seconds of one training."""
        return statistics.fmean(run.made.seconds for run in self.runs)

    def run_from(self, seed: int) -> Run | None:
        """Return the run from ``seed``, or ``None`` where there is none."""
        return next((run for run in self.runs if run.seed == seed), None)


class Results(msgspec.Struct, frozen=True):
    """All records of one assignment, sorted by :attr:`Record.key`."""

    assignment: str
    records: tuple[Record, ...] = ()

    def find(self, experiment: str, framework: str, source: str) -> Record | None:
        """Return one record, or ``None`` where nothing was recorded."""
        wanted = (experiment, framework, source)
        return next((record for record in self.records if record.key == wanted), None)

    def replaced(self, records: Iterable[Record]) -> "Results":
        """Return these results with ``records`` added, in the place of those with the same key."""
        by_key = {record.key: record for record in (*self.records, *records)}
        return Results(self.assignment, tuple(by_key[key] for key in sorted(by_key)))


class _File(msgspec.Struct, frozen=True):
    """The file as it lies on disk."""

    format: int
    digest: str
    assignment: str
    records: tuple[Record, ...]


def make_run(seed: int, outcome: Outcome, made: Made) -> Run:
    """Return what is recorded of one training, with :data:`SIGNIFICANT_DIGITS` of each number."""
    return Run(
        seed,
        made,
        {name: tuple(map(rounded, values)) for name, values in outcome.history.items()},
        {name: rounded(value) for name, value in outcome.metrics.items()},
        {
            name: Array(tuple(np.shape(array)), tuple(map(rounded, np.ravel(array).tolist())))
            for name, array in outcome.arrays.items()
        },
    )


def summarise(metrics: Sequence[Mapping[str, Number]]) -> dict[str, Measured]:
    """Return mean and deviation of each metric over runs; all runs have the same metrics."""
    return {name: measure([values[name] for values in metrics]) for name in metrics[0]}


def measure(values: Sequence[Number]) -> Measured:
    """Return mean and deviation of one metric; neither where a value was not finite."""
    finite = [value for value in values if value is not None]
    if len(finite) < len(values):
        return Measured(None, None, tuple(values))
    deviation = rounded(statistics.stdev(finite)) if len(finite) > 1 else None
    return Measured(rounded(statistics.fmean(finite)), deviation, tuple(values))


def rounded(value: float) -> Number:
    """Return ``value`` with :data:`SIGNIFICANT_DIGITS` digits, ``None`` if it is not finite. Counts stay exact."""
    if not math.isfinite(value):
        return None
    return float(value) if value == int(value) else float(f"{value:.{SIGNIFICANT_DIGITS}g}")


def encode(results: Results) -> bytes:
    """Return the content of the file: lines of at most 120 characters where a list of numbers allows it."""
    content = {"assignment": results.assignment, "records": msgspec.to_builtins(results.records)}
    return (_written({"format": FORMAT, "digest": _digest(content), **content}) + "\n").encode()


def decode(content: bytes, where: str) -> Results:
    """Return the results in a file's content.

    Args:
        content: as :func:`encode` makes it.
        where: the file's name, for messages.

    Raises:
        DamagedResults: it is something else, or was changed by hand.
    """
    remedy = "Get the file back from version control, or make it again with 'grader reference regenerate --write'."
    try:
        file = msgspec.json.decode(content, type=_File)
    except msgspec.DecodeError as error:
        raise DamagedResults(f"{where}: not a results file: {error}. {remedy}") from None
    if file.format != FORMAT:
        raise DamagedResults(f"{where}: written in format {file.format}; this version of grader reads {FORMAT}.")
    if file.digest != _digest({"assignment": file.assignment, "records": msgspec.to_builtins(file.records)}):
        raise DamagedResults(f"{where}: changed by hand: its content does not have the digest that it names. {remedy}")
    return Results(file.assignment, file.records)


def read(folder: Path) -> Results:
    """Return what is recorded for the assignment in ``folder``; empty where nothing is.

    Raises:
        DamagedResults: the file is there and cannot be used.
    """
    path = folder / RESULTS_FILE
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Results(folder.name)
    except OSError as error:
        raise DamagedResults(f"{path}: cannot be read: {error.strerror}") from None
    return decode(content, str(path))


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, allow_nan=False).encode()).hexdigest()


def _written(value: Any, indent: int = 0, before: int = 0) -> str:
    """Write JSON: on one line what fits there, and lists of numbers, which are wrapped; else one entry a line.

    ``before`` is how many characters stand on the first line besides the indentation.
    """
    short = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list | tuple) or indent + before + len(short) < LINE_LENGTH:
        return short
    inner = " " * (indent + 1)
    if isinstance(value, dict):
        entries = []
        for name, entry in value.items():
            label = f"{json.dumps(name, ensure_ascii=False)}: "
            entries.append(inner + label + _written(entry, indent + 1, len(label)))
        return "{\n" + ",\n".join(entries) + "\n" + " " * indent + "}"
    if all(entry is None or isinstance(entry, int | float) for entry in value):
        lines = [""]
        for number, entry in enumerate(value, 1):
            text = json.dumps(entry) + ("," if number < len(value) else "")
            if lines[-1] and len(inner) + len(lines[-1]) + 1 + len(text) > LINE_LENGTH:
                lines.append("")
            lines[-1] += (" " if lines[-1] else "") + text
        return "[\n" + "\n".join(inner + line for line in lines) + "\n" + " " * indent + "]"
    return "[\n" + ",\n".join(inner + _written(entry, indent + 1) for entry in value) + "\n" + " " * indent + "]"
