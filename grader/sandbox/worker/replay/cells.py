"""The code cells of a notebook, or of a script that was exported from one, with the headings they stand under."""

import ast
import re
from itertools import pairwise
from typing import NamedTuple

from grader.sandbox.wire import Problem
from grader.sandbox.worker import notebook
from grader.sandbox.worker.names import split
from grader.sandbox.worker.notebook import open_cells, read_cell, read_cells
from grader.sandbox.worker.source import MAX_NAME, clip, decode

MAX_CELLS = 500
MAX_NAMES = 200
_HEADING = re.compile(r"^(#{1,6})\s+(.*\S)", re.MULTILINE)
_SEPARATOR = re.compile(r"^# (?:%%.*|In ?\[[ \d]*\]:.*|<codecell>)$", re.MULTILINE)
"""What nbconvert, Jupytext and editors write between the cells of an exported notebook."""


class Cell(NamedTuple):
    """One code cell. ``number`` counts as in the notebook, text cells included; of a script, its code cells.

    ``written`` is its source as it stands, ``text`` what was parsed. ``defines`` are names that it binds or changes,
    ``uses`` names that it needs from before. ``heading`` are the headings above it, outermost first.
    """

    number: int
    written: str
    text: str
    tree: ast.Module | None
    problem: Problem | None
    defines: tuple[str, ...]
    uses: tuple[str, ...]
    heading: str


def cells_of(path: str, data: bytes) -> tuple[Cell, ...]:
    """Return the code cells of a file.

    Raises:
        UnreadableSourceError: it is neither a notebook nor a Python source.
    """
    return _of_notebook(data) if path.endswith(".ipynb") else _of_script(decode(data))


def _of_notebook(data: bytes) -> tuple[Cell, ...]:
    written = open_cells(data)
    headings: dict[int, str] = {}
    found = []
    seen = 0
    for cell in read_cells(data)[:MAX_CELLS]:
        for between in written[seen : cell.number - 1]:
            if between.cell_type == "markdown":
                _enter(headings, between.source)
        seen = cell.number
        found.append(_cell(cell, written[cell.number - 1].source, headings))
    return tuple(found)


def _of_script(text: str) -> tuple[Cell, ...]:
    bounds = [0, *(match.start() for match in _SEPARATOR.finditer(text)), len(text)]
    headings: dict[int, str] = {}
    found: list[Cell] = []
    for start, end in pairwise(bounds):
        # lines are counted as in the file
        piece = "\n" * text.count("\n", 0, start) + text[start:end]
        comments = "\n".join(line[2:] for line in text[start:end].splitlines() if line.startswith("# "))
        _enter(headings, comments)
        cell = read_cell(len(found) + 1, piece)
        if (cell.tree is None or cell.tree.body) and len(found) < MAX_CELLS:
            found.append(_cell(cell, text[start:end], headings))
    return tuple(found)


def _enter(headings: dict[int, str], text: str) -> None:
    """Go on to the headings of ``text``: each ends those of its own level and below."""
    for match in _HEADING.finditer(text):
        level = len(match[1])
        for lower in [key for key in headings if key >= level]:
            del headings[lower]
        headings[level] = clip(match[2], MAX_NAME)


def _cell(cell: notebook.Cell, written: str, headings: dict[int, str]) -> Cell:
    defines: dict[str, None] = {}
    uses: dict[str, None] = {}
    for unit in split(cell.tree, cell.number) if cell.tree is not None else ():
        uses.update(dict.fromkeys(name for name in sorted(unit.reads | unit.changes) if name not in defines))
        defines.update(dict.fromkeys((*unit.binds, *sorted(unit.changes))))
    heading = " / ".join(headings[level] for level in sorted(headings))
    return Cell(cell.number, written, cell.text, cell.tree, cell.problem, _names(defines), _names(uses), heading)


def _names(found: dict[str, None]) -> tuple[str, ...]:
    return tuple(clip(name, MAX_NAME) for name in found if not name.startswith("__"))[:MAX_NAMES]
