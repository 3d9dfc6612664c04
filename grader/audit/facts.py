"""What a worker tells of a notebook, decoded as a stranger's: every text and every count has a limit."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Literal

import msgspec

MAX_BYTES = 16 * 2**20
"""Of one notebook's facts."""
MAX_LINE = 1_000
"""Characters of one line. The readers look for patterns line by line, and the time that takes may grow with the square
of a line's length."""
MAX_CHARACTERS = 3 * 2**18
"""Of all sources and outputs together."""
MAX_FACTS = 10_000
"""Calls, assignments and everything else that the code of all cells says, together; a long notebook has a thousand."""

_Line = Annotated[int, msgspec.Meta(ge=0, le=2**31)]
_Name = Annotated[str, msgspec.Meta(max_length=200)]
_Names = Annotated[dict[_Name, _Line], msgspec.Meta(max_length=1_000)]
_Code = Annotated[str, msgspec.Meta(max_length=1_000)]


class Call(msgspec.Struct, frozen=True):
    """``target = receiver.name(…)``. ``arguments`` are pairs of keyword (empty for positional ones) and source text.
    ``scope`` is the function around it, empty at the top level; ``condition`` the innermost test it stands under;
    ``part_of`` the network that it is a layer of."""

    name: _Name
    receiver: _Code
    line: _Line
    arguments: Annotated[tuple[tuple[_Name, _Code], ...], msgspec.Meta(max_length=100)]
    target: _Code = ""
    scope: _Code = ""
    in_loop: bool = False
    condition: _Code = ""
    part_of: _Code = ""

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


class Return(msgspec.Struct, frozen=True):
    """``return value`` in the function ``scope``, with where the value came from as for an assignment."""

    value: _Code
    line: _Line
    root: _Code
    steps: Annotated[tuple[_Code, ...], msgspec.Meta(max_length=50)]
    scope: _Code = ""
    in_loop: bool = False
    condition: _Code = ""


class Comparison(msgspec.Struct, frozen=True):
    """``left operator right``, of two values."""

    left: _Code
    operator: Literal["==", "!=", "<", "<=", ">", ">="]
    right: _Code
    line: _Line
    scope: _Code = ""
    in_loop: bool = False
    condition: _Code = ""


class Function(msgspec.Struct, frozen=True):
    """A function that the cell defines; ``scope`` is the class or function around it."""

    name: _Name
    parameters: Annotated[tuple[_Name, ...], msgspec.Meta(max_length=100)]
    line: _Line
    scope: _Code = ""
    in_loop: bool = False
    condition: _Code = ""

    @property
    def path(self) -> str:
        """What stands as ``scope`` at the things in it."""
        return f"{self.scope}.{self.name}" if self.scope else self.name


class Comment(msgspec.Struct, frozen=True):
    """A comment without its signs; ``is_alone``: no code stands in its line."""

    line: _Line
    text: _Code
    is_alone: bool


class Code(msgspec.Struct, frozen=True):
    """What the code of a cell says. ``reads`` are names that it reads, unconditionally and as it runs, before binding
    them itself; ``is_opaque``: it may bind names that cannot be seen; ``is_empty``: it does nothing."""

    calls: tuple[Call, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    loops: tuple[Loop, ...] = ()
    returns: tuple[Return, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    functions: tuple[Function, ...] = ()
    comments: tuple[Comment, ...] = ()
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


class Notebook(msgspec.Struct, frozen=True, dict=True):
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

    @cached_property
    def calls(self) -> tuple[tuple[Cell, Call], ...]:
        """Every call with its cell, in reading order."""
        return tuple((cell, call) for cell, code in self.code_cells for call in code.calls)

    @cached_property
    def assignments(self) -> Mapping[str, Sequence[tuple[Cell, Assignment]]]:
        """The assignments to each name, in reading order."""
        found: defaultdict[str, list[tuple[Cell, Assignment]]] = defaultdict(list)
        for cell, code in self.code_cells:
            for assignment in code.assignments:
                found[assignment.name].append((cell, assignment))
        return found

    @cached_property
    def changed_in_part(self) -> frozenset[str]:
        """Names of which something is assigned, as in ``x[0] = 1`` or ``x.y = 1``."""
        parts = (re.match(r"(\w+)[.\[]", name) for name in self.assignments)
        return frozenset(part[1] for part in parts if part)

    @cached_property
    def functions(self) -> Mapping[str, tuple[Cell, Function]]:
        """The last function of each name, methods left out."""
        every = ((cell, one) for cell, code in self.code_cells for one in code.functions if not one.scope)
        return {one.name: (cell, one) for cell, one in every}


def decode(data: bytes) -> Notebook:
    """Return the notebook that a worker described.

    Raises:
        ValueError: it is too large, says too much, or is not the description of a notebook. The text says what, as a
            clause.
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
    if sum(map(_size, notebook.cells)) > MAX_FACTS:
        raise ValueError(f"its code says more than {MAX_FACTS:,} things")
    return notebook


def _size(cell: Cell) -> int:
    code = cell.code or Code()
    kinds = (code.calls, code.assignments, code.loops, code.returns, code.comparisons, code.functions, code.comments)
    return sum(map(len, kinds)) + len(cell.outputs)
