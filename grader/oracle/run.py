"""Runs a course's own code: the oracles and the case functions. Trusted, so it runs in the session's process."""

import importlib.util
import sys
import time
import traceback
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TypeAlias

import numpy as np

from grader.course.model import CasePlan, FunctionSpec, Part

Inputs: TypeAlias = "Mapping[str, np.ndarray | Mapping[str, np.ndarray]]"
"""What a case holds: arrays by name, or groups of arrays (such as ``weights``) by name."""
Outputs: TypeAlias = "dict[str, np.ndarray | dict[str, np.ndarray]]"
"""What a function returned, by the names that the rubric gives its values. Groups stay groups."""


class OracleError(Exception):
    """The course's own code failed: a fault of the course, never of a student. Says which file and why."""


class Case:
    """Inputs drawn for one criterion by the function ``name``; ``number`` counts its draws from 1."""

    def __init__(self, name: str, number: int, inputs: Inputs) -> None:
        self.name = name
        self.number = number
        self.inputs = inputs

    @cached_property
    def label(self) -> str:
        """How a report names this case, sizes included: ``case "random_draws" 3 (X 1000×2, Y_T 1000)``."""
        sizes = ", ".join(f"{name} {'×'.join(map(str, a.shape))}" for name, a in self._arrays().items() if a.ndim)
        number = f" {self.number}" if self.number > 1 else ""
        return f'case "{self.name}"{number}' + (f" ({sizes})" if sizes else "")

    @cached_property
    def size_bytes(self) -> int:
        """How much it holds."""
        return sum(array.nbytes for array in self._arrays().values())

    def _arrays(self) -> dict[str, np.ndarray]:
        flat: dict[str, np.ndarray] = {}
        for name, value in self.inputs.items():
            if isinstance(value, Mapping):
                flat |= {key: np.asarray(entry) for key, entry in value.items()}
            else:
                flat[name] = np.asarray(value)
        return flat


def draw_cases(folder: Path, part: Part, plans: tuple[CasePlan, ...], seed: int) -> tuple[Case, ...]:
    """Draw the cases of one criterion. The same seed gives the same cases, whatever else is run.

    Raises:
        OracleError: the cases file does not load, lacks a function, or a function fails.
    """
    if not plans:
        return ()
    module = load_module(folder / part.cases_file)
    cases: list[Case] = []
    for plan in plans:
        draw = getattr(module, plan.name, None)
        if draw is None:
            raise OracleError(f"{part.cases_file} has no function {plan.name}")
        for number in range(1, plan.repeat + 1):
            try:
                inputs = draw(np.random.default_rng([seed, len(cases) + 1]))
            except Exception as error:
                raise OracleError(f"{part.cases_file}: {plan.name}(rng) raised {_last_line(error)}") from error
            cases.append(Case(plan.name, number, inputs))
    return tuple(cases)


class Oracle:
    """The reference of one part. Each case is computed once; ``spent_s`` adds up the time that took, in seconds, for
    limits relative to it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.spent_s = 0.0
        self._known: dict[tuple[str, Case], Outputs] = {}

    def outputs(self, function: FunctionSpec, case: Case) -> Outputs:
        """Return what the reference computes for a case.

        Raises:
            OracleError: the reference does not load, raises, or returns another number of values.
        """
        key = (function.name, case)
        if key not in self._known:
            self._known[key] = self._compute(function, case.inputs)
        return self._known[key]

    def _compute(self, function: FunctionSpec, inputs: Inputs) -> Outputs:
        call = getattr(load_module(self.path), function.name, None)
        if call is None:
            raise OracleError(f"{self.path.name} has no function {function.name}")
        arguments = [_copy(inputs[name]) for name in function.accepts]
        started = time.perf_counter()
        try:
            returned = call(*arguments)
        except Exception as error:
            raise OracleError(f"{self.path.name}: {function.name} raised {_last_line(error)}") from error
        self.spent_s += time.perf_counter() - started
        values = (returned,) if len(function.returns) == 1 else tuple(returned)
        if len(values) != len(function.returns):
            raise OracleError(
                f"{self.path.name}: {function.name} returned {len(values)} values, "
                f"the rubric names {len(function.returns)}"
            )
        return {
            name: {k: np.asarray(v) for k, v in value.items()} if isinstance(value, Mapping) else np.asarray(value)
            for name, value in zip(function.returns, values, strict=True)
        }


def _copy(value: "np.ndarray | Mapping[str, np.ndarray]") -> "np.ndarray | dict[str, np.ndarray]":
    """Return a copy, so that code that changes its arguments cannot change the case."""
    if isinstance(value, Mapping):
        return {key: np.array(entry) for key, entry in value.items()}
    return np.array(value)


def load_module(path: Path) -> ModuleType:
    """Import a file of the course once, under a name made from its path.

    Raises:
        OracleError: the file is missing or does not import.
    """
    name = "course:" + str(path)
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise OracleError(f"{path} is not there")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise OracleError(f"{path.name} does not import: {_last_line(error)}") from error
    return module


def _last_line(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" ({Path(frame[0].filename).name}, line {frame[0].lineno})" if frame else ""
    return f"{type(error).__name__}: {error}{place}"
