"""A course as its rubrics describe it. Built by :mod:`grader.course.load`; everything here is frozen and validated."""

from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from grader.recording.events import ReplayMode
from grader.results import FeedbackLevel, Visibility


class Source(msgspec.Struct, frozen=True):
    """Where in a rubric something was written. ``path`` is relative to the course root; ``line`` counts from 1."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


class Limits(msgspec.Struct, frozen=True):
    """What one criterion may use of a student worker.

    ``wall_s`` is the floor of the wall-clock limit; with ``times_reference`` the limit is that many times what the
    oracle itself took on the same cases, if that is longer. ``total_s`` bounds a whole submission.
    """

    wall_s: float = 10.0
    times_reference: float | None = None
    total_s: float = 120.0
    memory_bytes: int = 2 * 2**30
    processes: int = 64
    output_bytes: int = 64 * 2**10


class LatePolicy(msgspec.Struct, frozen=True):
    """Points lost for late work: ``per_day`` (0..1) of the possible points per started day after ``grace_s``, in all
    at most ``at_most`` (0..1) of them."""

    grace_s: float = 0.0
    per_day: float = 0.0
    at_most: float = 1.0


class FunctionSpec(msgspec.Struct, frozen=True):
    """A function the student writes. ``accepts`` names entries of a case, in order; ``returns`` names what comes
    back, in order; ``also`` are other accepted names for the function."""

    name: str
    accepts: tuple[str, ...]
    returns: tuple[str, ...]
    also: tuple[str, ...] = ()


class ModelSpec(msgspec.Struct, frozen=True):
    """A network the student writes. ``build`` is a function or class that gives it, called with ``arguments``, or a
    variable that holds it; ``also`` are other accepted names.

    ``input_shape`` is one example, channels last. ``weights`` are patterns of files with trained weights. ``train``
    names the student's function that trains it, if one is asked for. ``like`` names the function of the oracles that
    builds the reference, called with the same arguments.
    """

    name: str
    build: str
    input_shape: tuple[int, ...]
    like: str
    also: tuple[str, ...] = ()
    arguments: dict[str, str | int | float | bool] = {}
    weights: tuple[str, ...] = ()
    train: str = ""

    @property
    def call(self) -> str:
        """How the reference is built: ``build_network(convolutions=1)``. Names the recorded description."""
        return f"{self.like}({', '.join(f'{key}={value!r}' for key, value in sorted(self.arguments.items()))})"


class CasePlan(msgspec.Struct, frozen=True):
    """``repeat`` draws from the function ``name`` of the assignment's ``cases.py``."""

    name: str
    repeat: int = 1


class Criterion(msgspec.Struct, frozen=True):
    """One line of a rubric. ``needs`` and ``id`` are full ids (``<part>.<criterion>``). ``options`` is the validated
    options object of the check ``kind``."""

    id: str
    title: str
    kind: str
    points: float
    options: Any
    source: Source
    needs: tuple[str, ...] = ()
    cases: tuple[CasePlan, ...] = ()
    feedback: FeedbackLevel = FeedbackLevel.DIAGNOSIS
    visibility: Visibility = Visibility.VISIBLE
    limits: Limits = Limits()


class Part(msgspec.Struct, frozen=True):
    """A part of an assignment. ``imports`` are the top-level modules allowed beside the standard library, or ``None``
    when anything goes. ``oracle`` and ``cases_file`` are file names in the assignment's folder; ``oracle`` is empty
    where the part has no functions."""

    id: str
    title: str
    functions: tuple[FunctionSpec, ...]
    oracle: str
    criteria: tuple[Criterion, ...]
    source: Source
    cases_file: str = "cases.py"
    files: tuple[str, ...] = ()
    imports: tuple[str, ...] | None = None
    models: tuple[ModelSpec, ...] = ()
    plots: tuple[FunctionSpec, ...] = ()
    """Functions that draw, and return nothing in particular; the oracle has none of them."""

    @property
    def points(self) -> float:
        """The sum of the criteria's points."""
        return sum(c.points for c in self.criteria)

    def function(self, name: str) -> FunctionSpec:
        """Return the function called ``name``; raise ``KeyError`` if the part has none."""
        for function in self.functions:
            if function.name == name:
                return function
        raise KeyError(name)

    def function_returning(self, value: str) -> FunctionSpec:
        """Return the function that returns a value named ``value``; raise ``KeyError`` if none does."""
        for function in self.functions:
            if value in function.returns:
                return function
        raise KeyError(value)

    def model(self, name: str) -> ModelSpec:
        """Return the model called ``name``; raise ``KeyError`` if the part has none."""
        for model in self.models:
            if model.name == name:
                return model
        raise KeyError(name)

    def plot(self, name: str) -> FunctionSpec:
        """Return the function that draws called ``name``; raise ``KeyError`` if the part has none."""
        for plot in self.plots:
            if plot.name == name:
                return plot
        raise KeyError(name)


class Assignment(msgspec.Struct, frozen=True):
    """One folder under ``reference/``. ``id`` is the folder's name; ``rubric`` its rubric.yaml; ``weight`` how much it
    counts in the course, relative to the other assignments. ``replay`` is how notebooks are run from top to bottom."""

    id: str
    title: str
    folder: Path
    rubric: Path
    parts: tuple[Part, ...]
    due: datetime | None = None
    late: LatePolicy = LatePolicy()
    weight: float = 1.0
    replay: ReplayMode = "none"

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """All criteria, in the rubric's order."""
        return tuple(c for part in self.parts for c in part.criteria)

    def criterion(self, criterion_id: str) -> Criterion:
        """Return one criterion by its full id; raise ``KeyError`` if there is none."""
        for criterion in self.criteria:
            if criterion.id == criterion_id:
                return criterion
        raise KeyError(criterion_id)


class Course(msgspec.Struct, frozen=True):
    """A course: the folder with the root rubric.yaml, and its assignments."""

    title: str
    root: Path
    assignments: tuple[Assignment, ...]
