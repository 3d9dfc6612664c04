"""The notebooks of the corpus: read from their text form, made into files, and varied without changing what they show.

A notebook of the corpus begins with ``about:``, one ``expect: kind cell:line`` for each finding and one
``heading:`` for each heading that the rubric asks for. Its cells follow:
``=== markdown``, or ``=== code N`` with the execution number (``-`` for none), and below the source its outputs, each
after ``--- stream``, ``--- result``, ``--- display`` or ``--- error``. A title that ends with ``given`` marks a cell
that the notebook which students start from has too.
"""

import json
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from grader.audit.audit import audit
from grader.audit.facts import decode
from grader.sandbox.worker.operations.notebook_facts import read_notebook

FOLDER = Path(__file__).parent / "corpus"


@dataclass(frozen=True)
class Cell:
    kind: str
    source: str
    count: int | None = None
    outputs: tuple[tuple[str, str], ...] = ()
    is_given: bool = False


@dataclass(frozen=True)
class Example:
    """One notebook; ``expected`` are texts ``kind cell:line``, or ``kind cell`` for a finding about a whole cell,
    or ``kind`` for one about the notebook. ``headings`` are those that the rubric asks for."""

    name: str
    about: str
    expected: frozenset[str]
    cells: tuple[Cell, ...] = field(repr=False)
    headings: tuple[str, ...] = ()


def corpus():
    return [parse(path.stem, path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.txt"))]


def parse(name, text):
    head, *blocks = re.split(r"^=== ", text.rstrip("\n"), flags=re.MULTILINE)
    lines = [line.partition(": ") for line in head.splitlines() if line]
    about = next(value for key, _, value in lines if key == "about")
    expected = frozenset(value for key, _, value in lines if key == "expect")
    headings = tuple(value for key, _, value in lines if key == "heading")
    return Example(name, about, expected, tuple(map(_cell, blocks)), headings)


def _cell(block):
    title, _, body = block.partition("\n")
    source, *outputs = re.split(r"^--- (stream|result|display|error)\n", body, flags=re.MULTILINE)
    kind, *rest = title.split()
    count = int(rest[0]) if rest and rest[0].isdigit() else None
    pairs = tuple((outputs[i], outputs[i + 1]) for i in range(0, len(outputs), 2))
    return Cell(kind, source.rstrip("\n"), count, pairs, "given" in rest)


def notebook_bytes(cells, as_lines=True):
    """The file as Jupyter writes it: texts as lists of lines, or as Colab does, as single strings."""
    return json.dumps({
        "nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [_json(cell, as_lines) for cell in cells],
    }).encode()  # fmt: skip


def _json(cell, as_lines):
    def text(value):
        return value.splitlines(keepends=True) if as_lines else value

    if cell.kind == "markdown":
        return {"cell_type": "markdown", "metadata": {}, "source": text(cell.source)}
    outputs = []
    for kind, shown in cell.outputs:
        if kind == "stream":
            outputs.append({"output_type": "stream", "name": "stdout", "text": text(shown)})
        elif kind == "error":
            name, _, value = shown.strip().partition(": ")
            outputs.append({"output_type": "error", "ename": name, "evalue": value, "traceback": []})
        else:
            data = {"output_type": "display_data", "metadata": {}, "data": {"text/plain": text(shown.rstrip("\n"))}}
            if kind == "result":
                data |= {"output_type": "execute_result", "execution_count": cell.count}
            outputs.append(data)
    return {
        "cell_type": "code", "metadata": {}, "source": text(cell.source), "execution_count": cell.count,
        "outputs": outputs,
    }  # fmt: skip


class Bench:
    """What the operation needs of a workbench: where the files lie."""

    def __init__(self, root):
        self.root = root


def audited(root, cells, as_lines=True, headings=()):
    """Read a notebook as a worker does, and audit it as a session does."""
    (root / "work.ipynb").write_bytes(notebook_bytes(cells, as_lines))
    starter = notebook_bytes([cell for cell in cells if cell.is_given])
    (facts,) = read_notebook(Bench(root), ("work.ipynb",), {"starter.ipynb": np.frombuffer(starter, np.uint8)})
    notebook = decode(facts.tobytes())
    assert not notebook.problem, notebook.problem
    return audit(notebook, headings)


def shown(finding):
    where = finding.where
    return finding.kind + (f" {where.cell}" if where.cell else "") + (f":{where.line}" if where.line else "")


# --- variants ---------------------------------------------------------------------------------------------------------


def as_written(example):
    return example


def with_a_title(example):
    """A text cell above everything: all cells move by one, their lines stay."""
    moved = {re.sub(r" (\d+)", lambda m: f" {int(m[1]) + 1}", text) for text in example.expected}
    return replace(
        example, expected=frozenset(moved), cells=(Cell("markdown", "*Handed in by a student*"), *example.cells)
    )


def with_other_names(example):
    """Another author's names for the same variables."""
    names = {
        "model": "net_1", "x_train": "train_images", "y_train": "train_labels", "x_test": "test_images",
        "y_test": "test_labels", "history": "hist", "score": "result",
    }  # fmt: skip
    pattern = re.compile(r"(?<![\w.'\"-])(?:" + "|".join(names) + r")\b(?!['\"-])(?!=[^=])")
    taken = any(re.search(rf"\b{name}\b", cell.source) for name in names.values() for cell in example.cells)
    if taken:
        return example
    cells = [
        replace(cell, source=pattern.sub(lambda m: names[m[0]], cell.source)) if cell.kind == "code" else cell
        for cell in example.cells
    ]
    return replace(example, cells=tuple(cells))


def with_progress_bars(example):
    """Bars as they are stored while they move: drawn over many times, with colours."""

    def drawn(line):
        bar = re.match(r"(\d+)/(\d+) ", line)
        if bar is None:
            return line
        states = [f"{step}/{bar[2]} \x1b[32m━━\x1b[0m 1s - loss: 9.{step}99" for step in (1, 2, 3)]
        return "\r".join(["", *states, "\x1b[1m" + line.replace(" ", "\x1b[0m ", 1)])

    def redrawn(output):
        return output[0], "\n".join(map(drawn, output[1].split("\n")))

    cells = [replace(cell, outputs=tuple(map(redrawn, cell.outputs))) for cell in example.cells]
    return replace(example, cells=tuple(cells))


def with_windows_lines(example):
    return replace(
        example, cells=tuple(replace(cell, source=cell.source.replace("\n", "\r\n")) for cell in example.cells)
    )


VARIANTS = (as_written, with_a_title, with_other_names, with_progress_bars, with_windows_lines)
