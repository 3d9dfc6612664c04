"""The reader against random bytes, random notebooks, and random programs whose needs are known."""

import json
import tempfile
from pathlib import Path
from random import Random
from typing import TypeAlias

from hypothesis import example, given
from hypothesis import strategies as st

from grader.sandbox import wire
from grader.sandbox.worker import reader

CODE = st.text(alphabet="abxyf_ =+*()[]{}:.,'\"#\n\t\\%!@;é0123456789", max_size=80) | st.lists(
    st.sampled_from(
        ["def f(x):", " return x", "import a", "from b import *", "x = 1", "class C:", " pass", "if x:", "  y: z", "%m"]
    ),
    max_size=8,
).map("\n".join)


def read(files: dict[str, bytes]) -> dict[str, wire.SourceFacts]:
    with tempfile.TemporaryDirectory() as folder:
        for path, content in files.items():
            Path(folder, path).write_bytes(content)
        reading = reader.read(Path(folder), tuple(files))
    buffers = wire.encode(1, reading)
    header = b"".join(bytes(b) for b in buffers)[wire.PREFIX.size :]
    assert wire.parse_frame(header, b"").message == reading, "what was read has to travel"
    return {facts.path: facts for facts in reading.sources}


@given(st.binary(max_size=200) | CODE.map(str.encode))
@example(b"\xff\xfex\0")
@example(b"# coding: utf-7\n+AGY-\n")
@example(b"x = '\\ud800'")
@example(b"f\xc2\xaa = 1")
def test_any_bytes_give_facts_or_a_problem(data: bytes) -> None:
    facts = read({"a.py": data})["a.py"]
    if facts.problem is not None:
        assert facts.problem.message
        assert facts.problem.line is None or facts.problem.line >= 1
        assert facts.definitions == ()
    for name in (*facts.definitions, *facts.imports, *facts.evasions):
        assert 1 <= name.line <= data.count(b"\n") + data.count(b"\r") + 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10) | CODE,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["cells", "nbformat", "nbformat_minor", "metadata", "source", "cell_type", "worksheets", "id"]
            ),
            inner | st.sampled_from([3, 4, "code", "markdown"]),
            max_size=8,
        )
    ),
    max_leaves=12,
)


@given(JSON)
@example({"cells": [{"cell_type": "code", "source": 5}], "nbformat": 4, "nbformat_minor": 5, "metadata": {}})
@example({"cells": [{"cell_type": "code", "source": [5]}], "nbformat": 4, "nbformat_minor": 5, "metadata": {}})
@example({"cells": {"a": 1}, "nbformat": 4, "nbformat_minor": 5, "metadata": []})
@example({"worksheets": 5, "nbformat": 2})
@example({"cells": [], "nbformat": 10**30})
def test_any_json_gives_facts_or_a_problem(document: object) -> None:
    facts = read({"a.ipynb": json.dumps(document).encode()})["a.ipynb"]
    assert facts.problem is None or facts.problem.message


@given(st.lists(CODE, min_size=1, max_size=4))
def test_any_cells_give_facts_or_a_problem_of_their_own(sources: list[str]) -> None:
    cells = [
        {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
        for source in sources
    ]
    document = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}
    facts = read({"a.ipynb": json.dumps(document).encode()})["a.ipynb"]
    if facts.problem is not None:
        assert facts.problem.cell is not None
        assert 1 <= facts.problem.cell <= len(sources)
    for definition in facts.definitions:
        assert definition.cell is not None
        assert 1 <= definition.line <= sources[definition.cell - 1].count("\n") + 1


Program: TypeAlias = tuple[dict[str, list[str]], dict[str, set[str]]]


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """A program as statements by file, and what each function calls or imports, directly."""
    count = draw(st.integers(1, 8))
    files: dict[str, list[str]] = {"one.py": [], "two.py": []}
    direct: dict[str, set[str]] = {}
    home = {number: draw(st.sampled_from(sorted(files))) for number in range(count)}
    for number in range(count):
        calls = draw(st.sets(st.integers(0, count - 1), max_size=3))
        modules = {f"module_{number}"} if draw(st.booleans()) else set()
        body = [f"import {module}" for module in modules] or ["pass"]
        for callee in sorted(calls):
            if home[callee] != home[number]:
                body.append(f"from {home[callee].removesuffix('.py')} import f{callee}")
            body.append(f"f{callee}(x)")
        files[home[number]].append(f"def f{number}(x):\n" + "".join(f"    {line}\n" for line in body))
        direct[f"f{number}"] = {f"f{callee}" for callee in calls} | modules
    return files, direct


@given(programs(), st.randoms(use_true_random=False))
def test_needs_are_what_can_be_reached(program: Program, random: Random) -> None:
    files, direct = program
    for statements in files.values():
        random.shuffle(statements)
    facts = read({path: "".join(statements).encode() for path, statements in files.items()})
    for path, read_facts in facts.items():
        for definition in read_facts.definitions:
            reached: set[str] = set()
            waiting = [definition.name]
            while waiting:
                name = waiting.pop()
                if name not in reached:
                    reached.add(name)
                    waiting += direct.get(name, ())
            needed = {i.module for i in read_facts.imports if definition.name in i.needed_by and not i.own}
            assert needed == {name for name in reached if name.startswith("module_")}, (path, definition.name)
