"""Runs the cells of one file in one namespace, and tells of each what happened."""

import ast
import asyncio
import builtins
import inspect
import linecache
import os
import re
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

import numpy as np

from grader.sandbox.worker import tracebacks
from grader.sandbox.worker.operations.notebook_facts import drawn
from grader.sandbox.worker.recorder import seeds
from grader.sandbox.worker.recorder.arrays import Origins
from grader.sandbox.worker.recorder.figures import Figures
from grader.sandbox.worker.recorder.log import Log
from grader.sandbox.worker.recorder.models import Models
from grader.sandbox.worker.replay import data as given_data
from grader.sandbox.worker.replay import old_names, own_files, shorter_plots, stand_ins
from grader.sandbox.worker.replay.budget import BUDGETS, OutOfTime, Spending
from grader.sandbox.worker.replay.cells import Cell, cells_of
from grader.sandbox.worker.replay.loops import NAME, Loops
from grader.sandbox.worker.replay.printed import MAX_TOLD, Printed
from grader.sandbox.worker.replay.rewrite import rewrite
from grader.sandbox.worker.replay.shell import around
from grader.sandbox.worker.source import clip, compile_tree

_FRAMEWORKS = re.compile(rb"\b(torchvision|torch|tensorflow|keras|matplotlib|seaborn|sklearn)\b")
MAX_FILE_BYTES = 64 * 2**20
_AGAIN_S = 2.0
"""How long after the end of its time a cell is interrupted again, if it took no notice."""


class Replay:
    """One file, half-way through."""

    def __init__(self, root: Path, path: str, mode: str, sent: dict[str, dict[str, np.ndarray]]) -> None:
        """Read the file, import the frameworks that the submission names, and take their places in hand.

        Raises:
            UnreadableSourceError: it is neither a notebook nor Python.
            KeyError: there is no such mode.
        """
        self.cells = cells_of(path, (root / path).read_bytes())
        self._place = root / path
        self._path = path
        self._sources = tracebacks.Sources(root)
        self._spending = Spending(BUDGETS[mode])  # type: ignore[index]
        self._loops = Loops(self._spending)
        self._log = Log()
        self._models = Models(self._log)
        self._origins = Origins(sent)
        self._data = given_data.GivenData(sent, self._log)
        self._figures: Figures | None = None
        self._torch: Any = None
        self._keras: Any = None
        self._module = ModuleType("__main__")
        self.namespace = vars(self._module)
        self.namespace |= around(self._log) | {"__file__": str(self._place)}
        # cells and imported files call it by this name
        setattr(builtins, NAME, self._loops)
        if self._spending.budget.is_cut:
            own_files.install(root)
        # what is pickled of a notebook's own classes is looked up there
        sys.modules["__main__"] = self._module
        self._take_over(_named_frameworks(root))

    def _take_over(self, frameworks: set[str]) -> None:
        stand_ins.install(self._log)
        if frameworks & {"torch", "torchvision"}:
            # PyTorch loads it with its first optimizer, and the process crashes if TensorFlow's LLVM was there first
            _imports("triton")
        if frameworks & {"keras", "tensorflow"} and _imports("keras") and _imports("tensorflow"):
            from grader.sandbox.worker.recorder.keras_events import KerasEvents
            from grader.sandbox.worker.replay.old_keras import OldKeras

            for name in ("tensorflow.keras.datasets", "tensorflow.keras.utils", "tensorflow.keras.preprocessing.image"):
                _imports(name)
            self._keras = KerasEvents(self._log, self._models, self._origins, self._spending, self._loops)
            self._keras.install()
            OldKeras(self._log).install()
        if frameworks & {"torch", "torchvision"} and _imports("torch"):
            from grader.sandbox.worker.recorder.torch_events import TorchEvents
            from grader.sandbox.worker.replay import no_device, old_torch

            _imports("torchvision")
            self._torch = TorchEvents(self._log, self._models, self._origins, self._spending, self._loops)
            old_torch.install(self._log)
            self._torch.install()
            no_device.install(self._log)
        if frameworks & {"matplotlib", "seaborn"} and _imports("matplotlib.pyplot"):
            self._figures = Figures(self._log)
            self._figures.install()
            shorter_plots.install(self._log, self._spending)
        if "sklearn" in frameworks:
            _imports("sklearn.datasets")
        given_data.install(self._data)
        seeds.install(self._log)
        old_names.install(self._log)
        os.chdir(self._place.parent)
        sys.argv = [str(self._place)]
        # last of all: a file of the student's called torch.py is for the cells to import
        sys.path[:0] = [str(self._place.parent)]

    def run(self, number: int, seconds: float) -> dict[str, Any]:
        """Run the cell ``number`` for at most ``seconds`` seconds.

        Returns:
            A mapping: ``number``; ``status``, one of ``ran``, ``failed``, ``unreadable``, ``out of time``; ``failure``,
            a mapping of ``kind``, ``message``, ``line`` and ``cell``, or ``None``; ``printed``; ``cuts``, what the
            budget left out, in words; ``wall_s``; ``events``; ``left_out``, how many events there were besides.
        """
        cell = next(cell for cell in self.cells if cell.number == number)
        self._spending.begin_cell(seconds)
        printed = Printed()
        started = time.monotonic()
        status, failure = "ran", None
        if cell.tree is None:
            status, failure = "unreadable", _problem(cell)
        else:
            try:
                with redirect_stdout(printed), _interrupted_after(seconds):
                    self._execute(cell, cell.tree)
            except OutOfTime:
                status = "out of time"
                self._spending.cut(f"the cell was ended after {seconds:g} s")
            except BaseException as error:
                status, failure = "failed", self._failure(error, cell)
        wall_s = time.monotonic() - started
        self._finish_cell()
        events, left_out = self._log.take()
        return {
            "number": number,
            "status": status,
            "failure": failure,
            "printed": clip(drawn(printed.text), MAX_TOLD),
            "cuts": [clip(cut, 300) for cut in self._spending.cuts],
            "wall_s": wall_s,
            "events": events,
            "left_out": left_out,
        }

    def _execute(self, cell: Cell, tree: ast.Module) -> None:
        filename = f"{self._place} cell {cell.number}"
        self._log.file = filename
        self._sources.add(filename, self._path, cell.number, cell.text)
        # as in a notebook, the source of what a cell defines can be had: tf.function reads it
        linecache.cache[filename] = len(cell.text), None, cell.text.splitlines(keepends=True), filename
        rewritten = rewrite(tree, guard_loops=self._spending.budget.is_cut)
        for line, old, new in rewritten.old:
            self._log.note("old-spelling", f"{old} is {new} today", line)
        body = rewritten.tree.body
        last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        self._run(compile_tree(ast.Module(body, []), filename, flags))
        if isinstance(last, ast.Expr):
            code: CodeType = compile(ast.Expression(last.value), filename, "eval", flags=flags, dont_inherit=True)
            value = self._run(code)
            if value is not None:
                self.namespace["_"] = value
                print(repr(value)[:2_000])

    def _run(self, code: CodeType) -> Any:
        value = eval(code, self.namespace)
        return asyncio.run(value) if code.co_flags & inspect.CO_COROUTINE else value

    def _finish_cell(self) -> None:
        """Record what the cell has left behind. What fails here is ours, or a trap of the student's: neither counts."""
        for finish in (
            self._keras.flush if self._keras is not None else None,
            self._torch.flush if self._torch is not None else None,
            self._figures.finish_cell if self._figures is not None else None,
            lambda: self._models.tell(self.namespace),
        ):
            if finish is None:
                continue
            try:
                with _interrupted_after(20.0):
                    finish()
            except BaseException as error:
                where = traceback.extract_tb(error.__traceback__)
                place = f"{Path(where[-1].filename).name}:{where[-1].lineno}" if where else ""
                self._log.note("not-told", f"{type(error).__name__}: {tracebacks.message_of(error)} ({place})")
        self._loops.active.clear()
        self._loops.finished.clear()

    def _failure(self, error: BaseException, cell: Cell) -> dict[str, Any]:
        raised = tracebacks.describe(error, sys.exc_info()[2], self._sources, 0.0)
        place = next((where for where in reversed(raised.where) if where.cell == cell.number), None)
        inner = raised.where[-1] if raised.where else None
        name = getattr(error, "name", None) if isinstance(error, (NameError, ImportError)) else None
        gone = old_names.gone(error)
        if gone:
            self._log.note("gone", gone)
        return {
            "kind": raised.type_name,
            "bases": [base.__name__[:60] for base in type(error).__mro__[1:6]],
            "message": clip(raised.message, 1_000),
            "line": place.line if place is not None else inner.line if inner is not None else 0,
            "quote": place.quote if place is not None else inner.quote if inner is not None else "",
            "name": clip(name, 100) if type(name) is str else "",
        }


def _problem(cell: Cell) -> dict[str, Any]:
    problem = cell.problem
    assert problem is not None
    line = problem.line or 0
    said = {"message": problem.message, "line": line, "quote": problem.quote}
    return {"kind": "SyntaxError", "bases": [], "name": "", **said}


def _named_frameworks(root: Path) -> set[str]:
    found: set[str] = set()
    for path in root.rglob("*"):
        if path.suffix in (".py", ".ipynb") and path.is_file() and path.stat().st_size <= MAX_FILE_BYTES:
            found.update(name.decode() for name in _FRAMEWORKS.findall(path.read_bytes()))
    return found


def _imports(name: str) -> bool:
    try:
        __import__(name)
    except ImportError:
        # the cell that needs it will say so
        return False
    return True


@contextmanager
def _interrupted_after(seconds: float) -> Iterator[None]:
    """Raise :class:`OutOfTime` in what runs inside once ``seconds`` have passed, and again if it is caught."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
