"""What a worker tells of a notebook, decoded as a stranger's: every text and every count has a limit."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Literal

import msgspec

MAX_BYTES = 16 * 2**20
"""Of one notebook's facts."""
MAX_LINE = 1_000
"""Characters of one line. The readers look for patterns line by line, and the time that takes may grow with the square
of a line's length."""
MAX_CHARACTERS = 3 * 2**20
"""Of all sources and outputs together."""

_Line = Annotated[int, msgspec.Meta(ge=0, le=2**31)]
_Name = Annotated[str, msgspec.Meta(max_length=200)]
_Names = Annotated[dict[_Name, _Line], msgspec.Meta(max_length=1_000)]
_Code = Annotated[str, msgspec.Meta(max_length=1_000)]


class Call(msgspec.Struct, frozen=True):
    """``target = receiver.name(…)``. ``arguments`` are pairs of keyword (empty for positional ones) and source text.
    ``scope`` is the function around it, empty at the top level; ``condition`` the innermost test it stands under."""

    name: _Name
    receiver: _Code
    line: _Line
    arguments: Annotated[tuple[tuple[_Name, _Code], ...], msgspec.Meta(max_length=100)]
    target: _Code = ""
    scope: _Code = ""
    in_loop: bool = False
    condition: _Code = ""

    def argument(self, keyword: str, position: int | None = None) -> str | None:
        """Return the text of an argument given by ``keyword`` (none if empty), or by ``position`` among the others."""
        for name, text in self.arguments:
            if keyword and name == keyword:
                return text
        positional = [text for name, text in self.arguments if not name]
        return positional[position] if position is not None and position < len(positional) else None

    @property
    def is_fully_seen(self) -> bool:
        """Whether no argument is hidden behind ``*`` or ``**``."""
        return not any(name == "**" or text.startswith("*") for name, text in self.arguments)


class Assignment(msgspec.Struct, frozen=True):
    """``name = value``. The value was made from ``root`` (empty: unknown) by ``steps``; ``position`` says which part of
    it was taken when it was taken apart, as in ``1.0``."""

    name: _Code
    line: _Line
    value: _Code
    root: _Code
    steps: Annotated[tuple[_Code, ...], msgspec.Meta(max_length=50)]
    position: _Name = ""
    scope: _Code = ""
    in_loop: bool = False
    condition: _Code = ""


class Loop(msgspec.Struct, frozen=True):
    """``for target in over``."""

    target: _Code
    over: _Code
    line: _Line
    scope: _Code = ""
    in_loop: bool = False
    condition: _Code = ""


class Code(msgspec.Struct, frozen=True):
    """What the code of a cell says. ``reads`` are names that it reads, unconditionally and as it runs, before binding
    them itself; ``is_opaque``: it may bind names that cannot be seen; ``is_empty``: it does nothing."""

    calls: tuple[Call, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    loops: tuple[Loop, ...] = ()
    binds: _Names = {}
    reads: _Names = {}
    is_opaque: bool = False
    is_empty: bool = True


class Output(msgspec.Struct, frozen=True):
    """One stored output as text."""

    kind: Literal["stream", "result", "display", "error"]
    text: Annotated[str, msgspec.Meta(max_length=100_000)]


class Cell(msgspec.Struct, frozen=True):
    """A cell, numbered from 1, text cells included. ``is_given``: it stands so in what students start from;
    ``is_cut``: its outputs are not stored whole."""

    number: Annotated[int, msgspec.Meta(ge=1, le=100_000)]
    kind: Literal["code", "markdown", "raw"]
    text: Annotated[str, msgspec.Meta(max_length=100_000)]
    is_given: bool = False
    execution_count: Annotated[int, msgspec.Meta(ge=0)] | None = None
    outputs: tuple[Output, ...] = ()
    images: int = 0
    is_cut: bool = False
    code: Code | None = None

    @property
    def output(self) -> str:
        """All stored text outputs, in order."""
        return "\n".join(output.text.rstrip("\n") for output in self.outputs)

    def line(self, number: int) -> str:
        """Return a line of the source (from 1) without its indentation, or nothing."""
        lines = self.text.split("\n")
        return lines[number - 1].strip() if 1 <= number <= len(lines) else ""


class Notebook(msgspec.Struct, frozen=True):
    """A notebook. ``problem`` says why it cannot be read; ``is_cut``: there is more of it than ``cells`` hold."""

    path: str
    problem: str = ""
    is_cut: bool = False
    cells: tuple[Cell, ...] = ()

    @property
    def code_cells(self) -> Iterator[tuple[Cell, Code]]:
        """The code cells with what their code says."""
        for cell in self.cells:
            if cell.code is not None:
                yield cell, cell.code


def decode(data: bytes) -> Notebook:
    """Return the notebook that a worker described.

    Raises:
        ValueError: it is too large, or not the description of a notebook. The text says what, as a clause.
    """
    if len(data) > MAX_BYTES:
        raise ValueError(f"its facts take {len(data):,} bytes, more than {MAX_BYTES >> 20} MiB")
    try:
        notebook = msgspec.json.decode(data, type=Notebook)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(str(error)) from None
    if any(later.number <= earlier.number for earlier, later in pairwise(notebook.cells)):
        raise ValueError("its cells are not numbered in order")
    texts = [text for cell in notebook.cells for text in (cell.text, *(output.text for output in cell.outputs))]
    if sum(map(len, texts)) > MAX_CHARACTERS or any(
        len(line) > MAX_LINE for text in texts for line in text.split("\n")
    ):
        raise ValueError("its texts or their lines are longer than a worker tells")
    return notebook
