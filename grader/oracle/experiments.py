"""What is trained and measured for an assignment: the tables in ``reference/<assignment>/experiments.py``.

Such a file has one plain function for each part, which builds, trains and measures a network with the oracle of any
framework, and a tuple ``EXPERIMENTS`` that says which there are. It imports no framework, so that the table can be read
where none is installed. See docs/instructor/reference.md.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import msgspec

from grader.course.errors import did_you_mean
from grader.data.catalogue import ENTRIES, DataSetName
from grader.oracle.run import OracleError, load_module
from grader.oracle.training import Outcome, Training

EXPERIMENTS_FILE = "experiments.py"
PUBLISHED_FILE = "published.yaml"

Train: TypeAlias = Callable[[Training], Outcome]


class Experiment(msgspec.Struct, frozen=True, kw_only=True):
    """One network with its recipe, trained from several seeds.

    Attributes:
        name: unique within the assignment.
        title: the same for people.
        data: the data set it is trained on.
        epochs: how many the recipe has.
        train: does it once: a function of the file, or a ``functools.partial`` of one with keyword arguments.
        part: the part that this belongs to, where a part has several; else the name.
        seeds: how many seeds the subset is trained with, unless asked otherwise.
        seeds_full: the same for the full data. 1 where one training takes more than five minutes on two cores.
        also: files of the assignment that ``train`` uses besides the oracle, ``experiments.py`` and ``preparation.py``.
    """

    name: str
    title: str
    data: DataSetName
    epochs: int
    train: Train
    part: str = ""
    seeds: int = 3
    seeds_full: int = 3
    also: tuple[str, ...] = ()


class Assignment(msgspec.Struct, frozen=True):
    """The experiments of one assignment and the folder that they come from."""

    name: str
    folder: Path
    experiments: tuple[Experiment, ...]


class Selected(msgspec.Struct, frozen=True):
    """One experiment and its assignment."""

    assignment: Assignment
    experiment: Experiment

    @property
    def title(self) -> str:
        """``assignment/experiment``, as on the command line."""
        return f"{self.assignment.name}/{self.experiment.name}"


class Figure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One published number: of which metric, and what is known about it.

    Attributes:
        metric: the name of the metric as the experiments measure it.
        value: as published.
        note: whose run it was where there were several, or why it is not met.
        values: of the single runs, where ``value`` is their mean and they were published.
    """

    metric: str
    value: float
    note: str = ""
    values: tuple[float, ...] = ()

    @property
    def remark(self) -> str:
        """``note`` and ``values`` in words; empty where there is neither."""
        runs = f"single runs {', '.join(map(str, self.values))}" if self.values else ""
        return "; ".join(filter(None, [runs, self.note]))


class Published(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The published figures of an assignment, by experiment. ``source`` says what kind of runs they come from."""

    source: str
    figures: dict[str, tuple[Figure, ...]]


class UnknownPart(Exception):
    """What was asked for is no assignment or part. The text says what there is."""


def find_assignments(root: Path) -> tuple[Assignment, ...]:
    """Read the experiments of every assignment in the course at ``root``, sorted by name.

    Raises:
        OracleError: an ``experiments.py`` does not import, or its table is not right; the text says why.
    """
    return tuple(_read(path) for path in sorted(root.glob(f"reference/*/{EXPERIMENTS_FILE}")))


def experiments_in(folder: Path) -> Assignment:
    """Read the experiments of the assignment in ``folder``.

    Raises:
        OracleError: as :func:`find_assignments`.
    """
    return _read(folder / EXPERIMENTS_FILE)


def select(assignments: Sequence[Assignment], wanted: str = "") -> tuple[Selected, ...]:
    """Return the experiments that ``wanted`` names: ``assignment``, ``assignment/part``, or all if it is empty.

    A part is named by itself or by one of its experiments.

    Raises:
        UnknownPart: there is none.
    """
    if not assignments:
        raise UnknownPart(f"This course has no experiments: no reference/*/{EXPERIMENTS_FILE} below its folder.")
    name, _, part = wanted.partition("/")
    among = [a for a in assignments if name in ("", a.name)]
    if not among:
        known = [a.name for a in assignments]
        raise UnknownPart(f"There is no assignment '{name}' with experiments: {did_you_mean(name, known)}")
    every = [Selected(a, e) for a in among for e in a.experiments]
    chosen = tuple(s for s in every if part in ("", s.experiment.name, s.experiment.part))
    if not chosen:
        parts = [s.experiment.part or s.experiment.name for s in every]
        known = [*parts, *(s.experiment.name for s in every)]
        raise UnknownPart(f"There is no part '{part}' in {name}: {did_you_mean(part, known)}")
    return chosen


def read_published(folder: Path) -> Published:
    """Read the published figures of the assignment in ``folder``; an assignment may have none.

    Raises:
        OracleError: the file is not what it should be; the text says what and where.
    """
    path = folder / PUBLISHED_FILE
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=Published)
    except FileNotFoundError:
        return Published("", {})
    except msgspec.DecodeError as error:
        raise OracleError(f"{path}: {error}") from error


def _read(path: Path) -> Assignment:
    experiments = getattr(load_module(path), "EXPERIMENTS", None)
    if not isinstance(experiments, tuple) or not all(isinstance(item, Experiment) for item in experiments):
        raise OracleError(f"{path} has no tuple EXPERIMENTS of grader.oracle.experiments.Experiment")
    names = [experiment.name for experiment in experiments]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise OracleError(f"{path} has two experiments called {', '.join(twice)}")
    for experiment in experiments:
        if experiment.data not in ENTRIES:
            raise OracleError(f"{path}: {experiment.name} asks for the data set '{experiment.data}', which is unknown")
    return Assignment(path.parent.name, path.parent, experiments)
