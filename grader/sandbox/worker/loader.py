"""Runs a student's files and calls their functions.

A ``.py`` file runs as a module. Of a notebook only the definitions of the wanted names and what they need run:
imports, functions, classes, and assignments, also inside ``if``, ``try`` and ``with``. Loops and bare expressions do
not run, so training cells and magics are left alone.
"""

import __future__

import ast
import importlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from time import process_time
from types import ModuleType
from typing import Any

import numpy as np

from grader.sandbox.wire import Loaded, Nothing, Opaque, Payload, Raised, Result, Returned, Value, Where, pack
from grader.sandbox.worker import tracebacks
from grader.sandbox.worker.names import Outline, Unit, split
from grader.sandbox.worker.notebook import keep_only, read_cells
from grader.sandbox.worker.source import UnreadableSourceError, compile_tree, decode, is_taken, parse


class Loader:
    """Loads and calls files of one submission, whose scratch folder is ``root``. Student code runs in here."""

    def __init__(self, root: Path) -> None:
        """Nothing is read or run before :meth:`load`."""
        self._root = root
        self._sources = tracebacks.Sources(root)
        self._modules: dict[str, ModuleType] = {}
        self._notebooks: dict[str, _Notebook] = {}
        self._places: dict[str, tuple[str, tuple[str, str]]] = {}

    def load(self, path: str, names: tuple[str, ...]) -> Loaded | Raised:
        """Run the file at ``path``, or the part of a notebook that ``names`` need, so that they can be called.

        A ``.py`` file that has been loaded is not run again; a notebook runs only what later names need in addition.
        """
        started = process_time()
        # files have been delivered since Python last looked
        importlib.invalidate_caches()
        try:
            if path.endswith(".ipynb"):
                self._load_notebook(path, names)
            elif path not in self._modules:
                self._load_module(path)
        except UnreadableSourceError as error:
            problem = error.problem
            place = (Where(path, problem.line, problem.cell, "", problem.quote),) if problem.line else ()
            return Raised("SyntaxError", problem.message, place, process_time() - started)
        except BaseException as error:
            return self.raised(error, path, started)
        namespace = vars(self._modules[path])
        missing = tuple(name for name in names if not callable(namespace.get(name)))
        return Loaded(missing, process_time() - started)

    def call(
        self, path: str, function: str, arguments: tuple[Payload, ...], wanted: tuple[int, ...] = ()
    ) -> tuple[Returned | Raised, list[np.ndarray]]:
        """Call ``function`` of the loaded file ``path``; return the answer and the arrays that it refers to.

        Of several values only those at the positions ``wanted`` are in it, all if empty.

        Each array argument is a writable copy, so that code that works in place touches nobody else's inputs. An
        array without axes is handed over as a Python number.

        Raises:
            LookupError: ``path`` was not loaded.
        """
        if path not in self._modules:
            raise LookupError(f"{path} was called before it was loaded")
        started = process_time()
        try:
            self._enter(path)
            target = vars(self._modules[path]).get(function)
            if not callable(target):
                return Raised("NameError", f"{path} no longer has a function called {function}"), []
            result = target(*[_argument(argument) for argument in arguments])
        except BaseException as error:
            return self.raised(error, path, started), []
        if wanted and type(result) in (tuple, list):
            result = tuple(value if place in wanted else None for place, value in enumerate(result))
        return self.packed(result, path, function, started)

    def named(self, path: str, name: str) -> Any:
        """Return what the loaded file ``path`` calls ``name`` now, with the surroundings made its own.

        Raises:
            LookupError: ``path`` was not loaded.
            NameError: it has no such name.
        """
        if path not in self._modules:
            raise LookupError(f"{path} was used before it was loaded")
        self._enter(path)
        try:
            return vars(self._modules[path])[name]
        except KeyError:
            raise NameError(f"{path} no longer has anything called {name}") from None

    def packed(
        self, result: object, path: str, function: str, started: float
    ) -> tuple[Returned | Raised, list[np.ndarray]]:
        """Return ``result``, what ``function`` returned, as an answer, and the arrays that it refers to."""
        cpu_s = process_time() - started
        arrays: list[np.ndarray] = []
        value: Value = Nothing()
        try:
            value = pack(result, arrays)
        except BaseException as error:
            # packing reads the student's own containers, whose methods may be the student's code
            raised = self.raised(error, path, started)
            message = f"while reading what {function} returned: {raised.message}"
            return Raised(raised.type_name, message, raised.where, raised.cpu_s), []
        return Returned((Result(value, len(arrays)),), cpu_s), arrays

    def raised(self, error: BaseException, path: str, started: float) -> Raised:
        """Describe what code of the file ``path`` raised; ``started`` is the processor time before it ran."""
        raised = tracebacks.describe(error, sys.exc_info()[2], self._sources, process_time() - started)
        notebook = self._notebooks.get(path)
        if notebook is None or type(error) is not NameError or type(error.name) is not str:
            return raised
        return Raised(raised.type_name, raised.message + notebook.why_missing(error.name), raised.where, raised.cpu_s)

    def _enter(self, path: str) -> None:
        """Make the surroundings those of ``cd submission; python path``."""
        if path not in self._places:
            place = self._root / path
            self._places[path] = (str(place), (str(self._root), str(place.parent)))
        place_text, folders = self._places[path]
        os.chdir(folders[0])
        sys.argv = [place_text]
        for folder in folders:
            if folder not in sys.path:
                sys.path.insert(0, folder)

    def _load_module(self, path: str) -> None:
        place = self._root / path
        text = decode(place.read_bytes())
        code = compile_tree(parse(text), str(place))
        self._sources.add(str(place), path, None, text)
        module = self._new_module(path)
        module.__file__ = str(place)
        self._enter(path)
        try:
            exec(code, vars(module))
        except BaseException:
            # as Python does with an import that failed
            if sys.modules.get(module.__name__) is module:
                del sys.modules[module.__name__]
            raise
        self._modules[path] = module

    def _load_notebook(self, path: str, names: tuple[str, ...]) -> None:
        notebook = self._notebooks.get(path)
        if notebook is None:
            notebook = _Notebook(path, (self._root / path).read_bytes())
            self._notebooks[path] = notebook
            self._modules[path] = self._new_module(path)
            vars(self._modules[path]).update(get_ipython=_NoShell, display=_do_nothing)
        self._enter(path)
        units = notebook.still_needed(names)
        for cell, body in notebook.cells_of(units):
            filename = f"{self._root / path} cell {cell}"
            self._sources.add(filename, path, cell, notebook.texts[cell])
            code = compile_tree(ast.Module(body, type_ignores=[]), filename, notebook.future_flags)
            exec(code, vars(self._modules[path]))
        notebook.have_run(units)

    def _new_module(self, path: str) -> ModuleType:
        place = Path(path)
        # hw.ipynb may import hw.py, so a notebook goes by its whole name
        name = place.stem if place.suffix == ".py" else place.name
        module = ModuleType(name)
        # a file named numpy.py must not replace the module that the worker itself uses
        if not is_taken(name, self._root):
            sys.modules[name] = module
        return module


class _Notebook:
    """A notebook's units, and which of them have run."""

    def __init__(self, path: str, data: bytes) -> None:
        self._path = path
        self.texts: dict[int, str] = {}
        self.future_flags = 0
        self._bodies: dict[int, list[ast.stmt]] = {}
        self._all: list[Unit] = []
        self._done: set[int] = set()
        for cell in read_cells(data):
            if cell.tree is None:
                continue
            self.texts[cell.number] = cell.text
            self._bodies[cell.number] = cell.tree.body
            self._all += split(cell.tree, cell.number, len(self._all))
            self.future_flags |= _future_flags(cell.tree)
        self._outline = Outline(unit for unit in self._all if unit.runs_in_notebook)

    def still_needed(self, names: Iterable[str]) -> list[Unit]:
        """Return the units that ``names`` need and that have not run, in document order."""
        return [unit for unit in self._outline.needed_for(names) if unit.number not in self._done]

    def have_run(self, units: Iterable[Unit]) -> None:
        """Remember that ``units`` ran without raising."""
        self._done.update(unit.number for unit in units)

    def cells_of(self, units: Iterable[Unit]) -> list[tuple[int, list[ast.stmt]]]:
        """Return, cell by cell, the statements that run when just ``units`` run."""
        wanted: dict[int, set[ast.stmt]] = {}
        for unit in units:
            if unit.cell is not None:
                wanted.setdefault(unit.cell, set()).add(unit.statement)
        return [(cell, keep_only(self._bodies[cell], statements)) for cell, statements in sorted(wanted.items())]

    def why_missing(self, name: str) -> str:
        """Return a sentence about a name that was not defined when the student's code asked for it."""
        for unit in self._all:
            if name in unit.binds and unit.in_loop:
                place = f"cell {unit.cell}, line {unit.binds[name]}"
                return (
                    f" ({name} is bound in {place} of {self._path}, inside a loop. Of a notebook only definitions and"
                    " the assignments they need are run, not loops: bind it outside the loop or pass it as an argument)"
                )
        if any(name in unit.binds or name in unit.changes for unit in self._all):
            return ""
        return f" (no cell of {self._path} that can be read binds {name})"


def _future_flags(tree: ast.Module) -> int:
    flags = 0
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__" and not statement.level:
            for alias in statement.names:
                flags |= getattr(__future__, alias.name).compiler_flag
    return flags


class _NoShell:
    """Stands where a notebook expects IPython: every magic and every shell command does nothing."""

    def __getattr__(self, name: str) -> Any:
        return _do_nothing


def _do_nothing(*_arguments: object, **_options: object) -> None:
    """Take the place of ``display`` and of magics."""


def _argument(payload: Payload) -> object:
    if isinstance(payload, np.ndarray):
        return payload.item() if payload.ndim == 0 else payload.copy()
    if isinstance(payload, tuple):
        return tuple(_argument(item) for item in payload)
    if isinstance(payload, dict):
        return {key: _argument(item) for key, item in payload.items()}
    if isinstance(payload, Opaque):
        raise TypeError(f"a {payload.type_name} cannot be passed on")
    return payload
