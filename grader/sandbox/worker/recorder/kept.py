"""On which comparison it depends that a cell keeps weights: ``if score > best: torch.save(…)``."""

import ast
import linecache
import sys
from functools import lru_cache
from types import FrameType
from typing import NamedTuple

from grader.sandbox.worker.recorder.log import number

MAX_NAMES = 8
_ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


class Condition(NamedTuple):
    """A comparison as it is written, and the numbers that its names stand for at present."""

    text: str
    compared: dict[str, float | None]


NONE = Condition("", {})


def condition_here(files: str) -> Condition:
    """Return the innermost ``if`` with a comparison of sizes around what runs now; :data:`NONE` if there is none.

    Args:
        files: how the file names of the student's cells begin.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and not frame.f_code.co_filename.startswith(files):
        frame = frame.f_back
    if frame is None or not files:
        return NONE
    test = _test_around("".join(linecache.getlines(frame.f_code.co_filename)), frame.f_lineno or 0)
    if test is None:
        return NONE
    names = dict.fromkeys(node.id for node in ast.walk(test) if isinstance(node, ast.Name))
    values = {name: frame.f_locals.get(name, frame.f_globals.get(name)) for name in names}
    compared = {name[:60]: found for name, value in values.items() if (found := number(value)) is not None}
    return Condition(ast.unparse(test)[:200], dict(list(compared.items())[:MAX_NAMES]))


@lru_cache(maxsize=64)
def _tests(source: str) -> tuple[tuple[int, int, ast.expr], ...]:
    """Return each ``if`` that compares sizes: the first and last line that depend on it, and what it asks."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    return tuple(
        (node.body[0].lineno, node.body[-1].end_lineno or 0, node.test)
        for node in ast.walk(tree)
        if isinstance(node, ast.If)
        and any(isinstance(part, ast.Compare) and isinstance(part.ops[0], _ORDERS) for part in ast.walk(node.test))
    )


def _test_around(source: str, line: int) -> ast.expr | None:
    around = [(first, test) for first, last, test in _tests(source) if first <= line <= last]
    return max(around, key=lambda found: found[0])[1] if around else None
