"""Tables that ``model.summary()`` of Keras prints: with lines of ``=``, and in boxes."""

import re
from collections.abc import Iterator
from itertools import pairwise

import msgspec

_TOTAL = re.compile(r"^[ \t]*(Total|Trainable|Non-trainable|Optimizer) params: ([\d,]+)", re.MULTILINE)
_HEAD = re.compile(r"Layer \(type\)")
_NAMED = re.compile(r"\s*[\w./-]+\s*\(\w")
_ROW = re.compile(r"\s*(?P<name>[\w./-]+)\s*\([\w.>]+\)?\s+[\[(].*?[\])]\s+(?P<count>[\d,]+)\s*$")
_COUNT = re.compile(r"[\d,]+")
_NESTED_OR_SHARED = ("└ ", "|  ", "(Functional)", "(Sequential)", "(Model)", "Connected to")
_COLUMNS = 3


class Row(msgspec.Struct, frozen=True):
    """A layer of the table."""

    parameters: int
    line: str


class Summary(msgspec.Struct, frozen=True):
    """One table: its layers, and the totals below it by their first word. ``is_plain``: every layer was understood, and
    there are no models within the model, nor layers that may be shared."""

    rows: tuple[Row, ...]
    totals: dict[str, int]
    is_plain: bool


def read_summaries(text: str) -> tuple[Summary, ...]:
    """Return the tables in a cell's output; those without their totals are left out."""
    starts = [found.start() for found in _HEAD.finditer(text)]
    found = []
    for start, end in pairwise([*starts, len(text)]):
        block = text[start:end]
        totals = {word: _number(count) for word, count in _TOTAL.findall(block)}
        table = block[: min((match.start() for match in _TOTAL.finditer(block)), default=len(block))]
        rows = list(_rows(table.split("\n")[1:]))
        if {"Total", "Trainable", "Non-trainable"} <= totals.keys() and rows:
            layers = tuple(row for row in rows if row is not None)
            is_plain = len(layers) == len(rows) and not any(mark in table for mark in _NESTED_OR_SHARED)
            found.append(Summary(layers, totals, is_plain))
    return tuple(found)


def _rows(lines: list[str]) -> Iterator[Row | None]:
    """Yield the layers, ``None`` for one whose line is not understood. A long name or type goes on in the next line,
    which has no count in a box, and no name before its bracket without one."""
    for line in lines:
        if line.lstrip().startswith("│"):
            columns = [column.strip() for column in line.strip().strip("│").split("│")]
            if len(columns) == _COLUMNS and not columns[-1]:
                continue
            is_count = len(columns) == _COLUMNS and _COUNT.fullmatch(columns[-1]) is not None
            yield Row(_number(columns[-1]), "  ".join(columns)) if is_count else None
        elif _NAMED.match(line):
            match = _ROW.match(line)
            yield Row(_number(match["count"]), line.strip()) if match else None


def _number(text: str) -> int:
    return int(text.replace(",", "")[:15] or 0)
