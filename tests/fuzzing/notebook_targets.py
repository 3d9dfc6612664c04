"""Students' sources: what a worker reads of them without running them, and what the session decodes of its answer."""

import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from grader.audit.audit import audit
from grader.audit.facts import Notebook, decode
from grader.sandbox import wire
from grader.sandbox.worker import reader
from grader.sandbox.worker.operations.notebook_facts import read_notebook
from tests.fuzzing.mutations import JSON_TREE, TEXT, WHOLE, damaged_bytes, damaged_trees
from tests.fuzzing.target import Target, assert_sentence

ROOT = Path(__file__).resolve().parents[2]
SOURCES = tuple(sorted(path for pattern in (
    "submissions/*/*.py", "submissions/*/*.ipynb", "reference/*/starter/**/*.ipynb", "reference/*/variants/**/*.py",
) for path in ROOT.glob(pattern) if path.stat().st_size < 20_000))  # fmt: skip
NOTEBOOKS = tuple(path for path in SOURCES if path.suffix == ".ipynb")

STATEMENTS = st.sampled_from([
    "def f(x):", "    return x", "import a", "from .b import *", "x = 1", "class C(B):", "    pass", "if x:",
    "  y: z", "%m",
    "!ls", "%%time", "%%capture out", "?x", "x?", "x, *y = z", "for i in range(3):", "    m.fit(x, y, epochs=3)",
    "m = Sequential()", "s = m.evaluate(x_test, y_test)", "lambda: q", "async def g():", "    await h", "await k",
    "try:",
    "except* E:", "match x:", "  case [a, *b]:", "global x", "exec('y')", "__import__('os')", "getattr(o, 's' + 't')",
    "with a as b, c as d:", "@d(1)", "x: int", "print(f'{x!r:>{w}}')", "(yield)", "del x", "x := 1", "# coding: utf-7",
    "from __future__ import annotations", "import grader.results", "assert 0, 1", "raise", "x = x[0] / 255",
    "a.b.c[d] = e",
    '"""', "'\\ud800'", "\\", "(" * 150, "-" * 3000 + "1", "[" * 99 + "]" * 99, "x = " + "1 + " * 2000 + "1",
    "\f", "\x1a",
    "if __name__ == '__main__':", "nonlocal y", "type X = int", "def f[T](x: T): ...", "0777", "1_000j", "9" * 5000,
])  # fmt: skip
CODE = st.lists(STATEMENTS, max_size=8).map("\n".join) | st.text(max_size=80) | TEXT
OUTPUT_TEXT = st.sampled_from([
    "Epoch 1/3\n", "9/9 [==] - loss: 0.1 - accuracy: 0.9876\n", "loss: 1e999999 accuracy: 1e-400\n",
    "[[1 2 3]\n [4 5 6]]\n",
    "Total params: 1,234\nTrainable params: 1\nNon-trainable params: 2\n", "accuracy: 0.9876\n", "9" * 3000,
    "\x1b[31m\r\b",
    "Epoch 00001: val_loss improved from inf to 1.e.2, saving\n", " dense (Dense) (None, 1) 12\n", "\r" * 50 + "x",
    "Layer (type)   Output Shape  Param #\n", "-0.0 nan inf\n", "\x1b]0;title\x07", "\x1b[" * 40,
]) | TEXT  # fmt: skip
PROSE = st.sampled_from([
    "# Title\n", "The accuracy is 98.76 %. ", "1,234,567 parameters in the network. ", "trained for 9999 epochs. ",
    "TODO\n",
    "The first is better than the second. ", "| a | b |\n", "```\n", "$x$ `y` ", "> ", "*Your answer here*\n",
]) | TEXT  # fmt: skip


def _pieces(text: SearchStrategy[str]) -> SearchStrategy[Any]:
    return st.lists(text, max_size=5).map("".join) | st.lists(text, max_size=3)


OUTPUTS = st.lists(
    st.one_of(
        st.builds(lambda t: {"output_type": "stream", "name": "stdout", "text": t}, _pieces(OUTPUT_TEXT)),
        st.builds(
            lambda t, n: {
                "output_type": "execute_result", "execution_count": n, "metadata": {}, "data": {"text/plain": t},
            },
            _pieces(OUTPUT_TEXT), st.none() | WHOLE,
        ),
        st.builds(lambda t: {"output_type": "error", "ename": t, "evalue": t, "traceback": [t]}, OUTPUT_TEXT),
        st.just({"output_type": "display_data", "metadata": {}, "data": {"image/png": "AA=="}}),
    ),
    max_size=3,
)  # fmt: skip
CELLS = st.lists(
    st.one_of(
        st.builds(
            lambda s, n, o: {"cell_type": "code", "metadata": {}, "source": s, "execution_count": n, "outputs": o},
            _pieces(CODE), st.none() | WHOLE, OUTPUTS,
        ),
        st.builds(lambda s: {"cell_type": "markdown", "metadata": {}, "source": s}, _pieces(PROSE)),
    ),
    max_size=6,
)  # fmt: skip
FORMATS = st.sampled_from([(4, 4), (4, 4), (4, 5), (3, 0), (2, 0), (1, 0), (5, 0), (10**30, -1), (None, None)])


def _notebook(cells: list[dict[str, Any]], version: tuple[int | None, int | None]) -> dict[str, Any]:
    document = {"nbformat": version[0], "nbformat_minor": version[1], "metadata": {}}
    if version[0] in (2, 3):
        old = [{**cell, "input": cell["source"], "language": "python"} for cell in cells]
        return {**document, "worksheets": [{"cells": old, "metadata": {}}]}
    return {**document, "cells": cells}


def _dumped(document: Any) -> bytes:
    return json.dumps(document).encode()


def _damaged_source(path: Path) -> SearchStrategy[tuple[tuple[str, bytes], ...]]:
    right = st.just(path).map(Path.read_bytes)
    damaged = damaged_bytes(right, st.binary(max_size=6) | STATEMENTS.map(lambda s: f"\n{s}\n".encode()))
    if path.suffix == ".ipynb":
        damaged |= damaged_trees(right.map(json.loads), 1, 4, JSON_TREE | CODE).map(_dumped)
    return damaged.map(lambda content: ((f"work{path.suffix}", content),))


NOTEBOOK_TREES = st.builds(_notebook, CELLS, FORMATS)
WRITTEN = st.one_of(
    NOTEBOOK_TREES.map(_dumped),
    damaged_trees(NOTEBOOK_TREES, 1, 4).map(_dumped),
    damaged_bytes(NOTEBOOK_TREES.map(_dumped), st.binary(max_size=6) | st.just(b"[" * 3000)),
).map(lambda content: (("work.ipynb", content),))
PYTHON = CODE.map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=100)
SEVERAL = st.tuples(PYTHON, PYTHON, NOTEBOOK_TREES.map(_dumped)).map(
    lambda three: tuple(zip(("a.py", "b.py", "work.ipynb"), three, strict=True))
)
EXAMPLES = st.one_of(WRITTEN, SEVERAL, st.sampled_from(SOURCES).flatmap(_damaged_source))


class _Bench:
    """What the operation needs of a workbench: where the files lie."""

    def __init__(self, root: Path) -> None:
        self.root = root


def check_sources(example: tuple[tuple[str, bytes], ...]) -> None:
    """Every file gives facts or a problem that travel; every notebook gives facts that the session accepts."""
    files = dict(example)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for path, content in files.items():
            (root / path).write_bytes(content)
        reading = reader.read(root, tuple(files))
        notebooks = tuple(path for path in files if path.endswith(".ipynb"))
        given = {"starter.ipynb": np.frombuffer(example[-1][1], np.uint8)} if len(example) > 1 else {}
        told = read_notebook(_Bench(root), notebooks, given)  # type: ignore[arg-type]
    data = b"".join(bytes(buffer) for buffer in wire.encode(1, reading))
    assert wire.parse_frame(data[wire.PREFIX.size :], b"").message == reading, "what was read has to travel"
    for facts in reading.sources:
        assert facts.problem is None or facts.problem.message
        for place in (*facts.definitions, *facts.imports, *facts.evasions):
            assert place.line >= 1, place
    for facts_bytes in told:
        _audited(decode(facts_bytes.tobytes()))


def _audited(notebook: Notebook) -> None:
    for finding in audit(notebook):
        assert finding.text.isprintable(), finding
        assert finding.where is not None
        assert finding.where.cell in {cell.number for cell in notebook.cells}, finding


SOURCE = Target(
    "notebooks",
    "a worker's reading of .py files and notebooks: facts or a problem, and an audit of both",
    EXAMPLES,
    check_sources,
    sample=120,
)


# --- what the session decodes -----------------------------------------------------------------------------------------


@cache
def _true_facts() -> tuple[Any, ...]:
    """What a worker tells of the notebooks that ship with the project."""
    with tempfile.TemporaryDirectory() as folder:
        for number, path in enumerate(NOTEBOOKS):
            Path(folder, f"{number}.ipynb").write_bytes(path.read_bytes())
        names = tuple(f"{number}.ipynb" for number in range(len(NOTEBOOKS)))
        told = read_notebook(_Bench(Path(folder)), names, {})  # type: ignore[arg-type]
    return tuple(json.loads(facts.tobytes()) for facts in told)


def check_facts(data: bytes) -> None:
    """A forged answer is refused with a sentence, or is a notebook that can be audited."""
    try:
        notebook = decode(data)
    except ValueError as error:
        assert_sentence(error, prints=False)
        return
    assert decode(msgspec.json.encode(notebook)) == notebook
    _audited(notebook)


TRUE_FACTS = st.integers(0, len(NOTEBOOKS) - 1).map(lambda number: _true_facts()[number])
PAYLOADS = st.one_of(JSON_TREE, CODE, OUTPUT_TEXT, st.integers(0, 10))
FACTS = Target(
    "facts",
    "the session's decoding of what a worker tells of a notebook, and the audit of it",
    st.one_of(
        damaged_trees(TRUE_FACTS, 0, 3, PAYLOADS).map(_dumped),
        damaged_bytes(TRUE_FACTS.map(_dumped), st.binary(max_size=6)),
        JSON_TREE.map(_dumped),
        st.binary(max_size=60),
    ),
    check_facts,
    sample=120,
)
