"""Notebooks: their cells as Python, and the definitions in them without the training around them.

Cells are numbered from 1 as they stand in the notebook, text cells included, because that is how one counts them on
the screen.
"""

import ast
import copy
import json
import logging
import re
import warnings
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from grader.sandbox.wire import Problem
from grader.sandbox.worker.source import MAX_MESSAGE, MAX_SOURCE_BYTES, UnreadableSourceError, clip, parse

# cell magics that run the rest of the cell as it stands
_TRANSPARENT_MAGIC = re.compile(r"%%(time|capture)\b")


class Cell(NamedTuple):
    """A code cell. ``text`` is what was parsed: magics and shell commands are calls of ``get_ipython()`` by then.
    Either ``tree`` or ``problem`` is ``None``."""

    number: int
    text: str
    tree: ast.Module | None
    problem: Problem | None


def read_cells(data: bytes) -> tuple[Cell, ...]:
    """Return the code cells of a notebook. A cell that is not Python carries its own problem; the others are read.

    Raises:
        UnreadableSourceError: it is not a notebook, or has no code cells.
    """
    cells = []
    source_bytes = 0
    for number, kind, text in _raw_cells(data):
        if kind != "code":
            continue
        source_bytes += len(text)
        if source_bytes > MAX_SOURCE_BYTES:
            raise UnreadableSourceError(
                Problem(f"its cells hold more than {MAX_SOURCE_BYTES >> 20} MiB of source", cell=number)
            )
        cells.append(read_cell(number, text))
    if not cells:
        raise UnreadableSourceError(Problem("it has no code cells"))
    return tuple(cells)


def read_texts(data: bytes) -> tuple[tuple[int, str], ...]:
    """Return number and text of a notebook's Markdown cells.

    Raises:
        UnreadableSourceError: it is not a notebook.
    """
    return tuple((number, text) for number, kind, text in _raw_cells(data) if kind == "markdown")


def open_cells(data: bytes) -> list[Any]:
    """Return all cells of a notebook as nbformat's mappings, in its present format; each ``source`` is text.

    Raises:
        UnreadableSourceError: it is not a notebook.
    """
    try:
        text = data.decode("utf-8-sig")
        document = json.loads(text)
    except UnicodeDecodeError as error:
        raise UnreadableSourceError(
            Problem(f"it is not a notebook: byte {error.start:,} does not belong to UTF-8 text")
        ) from None
    except json.JSONDecodeError as error:
        message = f"it is not a notebook: not JSON at line {error.lineno}, column {error.colno} ({error.msg})"
        raise UnreadableSourceError(Problem(clip(message, MAX_MESSAGE), error.lineno)) from None
    except (RecursionError, MemoryError, ValueError) as error:
        message = f"it is not a notebook: its JSON cannot be read ({error})"
        raise UnreadableSourceError(Problem(clip(message, MAX_MESSAGE))) from None
    if not isinstance(document, dict) or not ({"cells", "worksheets"} & document.keys()):
        raise UnreadableSourceError(Problem("it is JSON but not a notebook: it has no cells"))
    import nbformat

    logging.getLogger("traitlets").setLevel(logging.CRITICAL)  # nbformat logs what it finds invalid
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cells: list[Any] = nbformat.reads(text, as_version=4).cells  # type: ignore[no-untyped-call]
        sources = [(cell.cell_type, cell.source) for cell in cells]
    except Exception as error:
        # a notebook from a hostile hand can break nbformat's conversions anywhere
        message = f"it is JSON but not a notebook that can be read ({type(error).__name__}: {error})"
        raise UnreadableSourceError(Problem(clip(message, MAX_MESSAGE))) from None
    for number, (_, source) in enumerate(sources, start=1):
        if not isinstance(source, str):
            raise UnreadableSourceError(Problem("it is not a notebook: this cell's source is not text", cell=number))
    return cells


def _raw_cells(data: bytes) -> list[tuple[int, str, str]]:
    return [(number, cell.cell_type, cell.source) for number, cell in enumerate(open_cells(data), start=1)]


def read_cell(number: int, text: str) -> Cell:
    """Return the code cell ``number`` with the source ``text``, magics and shell commands turned into calls."""
    # Colab and editors on Windows leave carriage returns; Python sees newlines
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        return Cell(number, text, parse(text, number), None)
    except UnreadableSourceError as plain:
        try:
            plain_text = _without_magics(text)
            return Cell(number, plain_text, parse(plain_text, number), None)
        except UnreadableSourceError as error:
            return Cell(number, text, None, error.problem)
        except Exception:
            # IPython's transformer gave up on it, so the parser's own words are the best there are
            return Cell(number, text, None, plain.problem)


def _without_magics(text: str) -> str:
    from IPython.core.inputtransformer2 import TransformerManager

    # the transformer drops empty lines at the top, which would move every line number
    body = text.lstrip()
    start = text[: len(text) - len(body)].count("\n")
    if _TRANSPARENT_MAGIC.match(body):
        _, _, body = body.partition("\n")
        start += 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        transformed: str = TransformerManager().transform_cell(body)  # type: ignore[no-untyped-call]
    return "\n" * start + transformed


def keep_only(body: Sequence[ast.stmt], wanted: Collection[ast.stmt]) -> list[ast.stmt]:
    """Return ``body`` with only the ``wanted`` statements, at any depth inside ``if``, ``try``, ``with`` and ``match``.

    A compound statement stays if anything in it is wanted, or if it is wanted itself for what its header binds.
    """
    kept: list[ast.stmt] = []
    for statement in body:
        if isinstance(statement, (ast.If, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)):
            shortened, is_wanted = _shorten(statement, wanted)
            if isinstance(shortened, ast.stmt) and (is_wanted or statement in wanted):
                kept.append(shortened)
        elif statement in wanted:
            kept.append(statement)
    return kept


def _shorten(node: ast.AST, wanted: Collection[ast.stmt]) -> tuple[ast.AST, bool]:
    shorter = copy.copy(node)
    found = False
    for field, value in ast.iter_fields(node):
        if not (isinstance(value, list) and value):
            continue
        if isinstance(value[0], ast.stmt):
            kept = keep_only(value, wanted)
            found = found or bool(kept)
            setattr(shorter, field, kept or [ast.copy_location(ast.Pass(), value[0])])
        elif isinstance(value[0], (ast.ExceptHandler, ast.match_case)):
            shortened = [_shorten(item, wanted) for item in value]
            found = found or any(is_wanted for _, is_wanted in shortened)
            setattr(shorter, field, [item for item, _ in shortened])
    return shorter, found
