"""What a worker tells of a notebook, and that the trusted side believes no more than it can bear."""

import json

import msgspec
import numpy as np
import pytest
from audit_notebooks import Bench, Cell, notebook_bytes

from grader.audit.audit import MAX_OF_A_KIND, audit
from grader.audit.facts import MAX_BYTES, MAX_CHARACTERS, MAX_LINE, Notebook, decode
from grader.sandbox.worker.notebook import read_cell
from grader.sandbox.worker.operations.cell_facts import cell_facts, derivation, imported_names
from grader.sandbox.worker.operations.notebook_facts import MAX_CELLS, MAX_OUTPUT, drawn, read_notebook


def facts_of(source):
    cell = read_cell(1, source)
    return cell_facts(cell, imported_names([cell.tree]))


def read(root, *cells):
    return read_bytes(root, notebook_bytes(cells))


def read_bytes(root, data, given=None):
    (root / "work.ipynb").write_bytes(data)
    (facts,) = read_notebook(Bench(root), ("work.ipynb",), given or {})
    return decode(facts.tobytes())


# --- code -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "root", "steps"),
    [
        ("x", "x", ()),
        ("x[:9].reshape(-1, 784) / 255", "x", ("[:9]", ".reshape(-1, 784)", "/ 255")),
        ("1 - x", "x", ("1 -",)),
        (
            "np.expand_dims(x.astype('float32'), -1)",
            "x",
            (".astype('float32')", "np.expand_dims(x.astype('float32'), -1)"),
        ),
        ("mnist.load_data()", "mnist.load_data()", ()),
        ("prepare(x, y)", "x", ("prepare(x, y)",)),
        ("x[..., np.newaxis]", "x", ("[..., np.newaxis]",)),
        ("p.round(decimals=3)", "p", (".round(decimals=3)",)),
        ("[1, 2]", "", ()),
        ("3 * 4", "", ()),
    ],
)
def test_a_value_is_followed_to_where_it_comes_from(expression, root, steps):
    import ast

    assert derivation(ast.parse(expression, mode="eval").body, frozenset({"np", "mnist"})) == (root, steps)


def test_pairs_are_taken_apart():
    code = "(a, b), (c, d) = load()\ne, f = c / 2, d"
    found = {one["name"]: (one["root"], one["position"], one["steps"]) for one in facts_of(code)["assignments"]}
    assert found == {
        "a": ("load()", "0.0", []),
        "b": ("load()", "0.1", []),
        "c": ("load()", "1.0", []),
        "d": ("load()", "1.1", []),
        "e": ("c", "", ["/ 2"]),
        "f": ("d", "", []),
    }


def test_what_is_given_back_compared_and_put_together():
    code = facts_of(
        "net = Sequential([Dense(1), Flatten()])\nnet.add(Dense(2))\n"
        "def f(a, *, b=1):\n    return a.relu() / 2\nok = x.argmax(1) == y\n1 < 2 < 3"
    )
    layers = [(call["name"], call["part_of"]) for call in code["calls"] if call["part_of"]]
    assert layers == [("Dense", "net"), ("Flatten", "net"), ("Dense", "net")]
    (given,) = code["returns"]
    assert (given["value"], given["root"], given["scope"]) == ("a.relu() / 2", "a", "f")
    assert [(one["name"], one["parameters"]) for one in code["functions"]] == [("f", ["a", "b"])]
    assert [(one["left"], one["operator"], one["right"]) for one in code["comparisons"]] == [("x.argmax(1)", "==", "y")]


def test_calls_say_what_stands_around_them():
    code = "def f():\n    g()\n\nfor i in range(3):\n    if i > 1:\n        h = k(i, n=2)\n"
    calls = {call["name"]: call for call in facts_of(code)["calls"]}
    assert (calls["g"]["scope"], calls["g"]["in_loop"]) == ("f", False)
    assert calls["k"] == {
        "name": "k", "receiver": "", "line": 6, "arguments": [["", "i"], ["n", "2"]], "target": "h", "scope": "",
        "in_loop": True, "condition": "i > 1", "part_of": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("source", "reads"),
    [
        ("print(a)\na = 1", {"a": 1}),
        ("a = 1\nprint(a)", {}),
        ("b = [a for a in c]", {"c": 1}),
        ("def f():\n    return a", {}),
        ("f = lambda: a", {}),
        ("a if b else c", {"b": 1}),
        ("a and b", {"a": 1}),
        ("if debug:\n    print(a)", {"debug": 1}),
        ("print(display, In, _)", {}),
        ("a += 1", {"a": 1}),
    ],
)
def test_names_are_read_before_they_are_bound(source, reads):
    assert facts_of(source)["reads"] == reads


@pytest.mark.parametrize(
    "source",
    [
        "from os import *",
        "exec('a = 1')",
        "%run other.py",
        "globals()['a'] = 1",
        "%time a = 1",
        "a =",
        "get_ipython().run_cell('a = 1')",
    ],
)
def test_a_cell_that_may_bind_names_unseen_says_so(source):
    cell = read_cell(1, source)
    assert cell_facts(cell, frozenset())["is_opaque"]


@pytest.mark.parametrize("source", ["# nothing", "", "pass", '"""A text."""', "%matplotlib inline", "!ls"])
def test_a_cell_that_does_nothing_is_empty(source):
    assert facts_of(source)["is_empty"]


# --- outputs ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "seen"),
    [
        ("\x1b[1m3/3\x1b[0m done", "3/3 done"),
        ("1/3\r2/3\r3/3\n", "3/3\n"),
        ("\b\b\b\r2/2 [==]", "2/2 [==]"),
        ("a\r\nb", "a\nb"),
        ("3/3\r\n", "3/3\n"),
        ("\x1b]0;title\x07text", "text"),
    ],
)
def test_progress_bars_are_drawn_to_their_end(stored, seen):
    assert drawn(stored) == seen


def test_a_notebook_is_told_as_it_is_stored(tmp_path):
    shown = (("stream", "hello\n"), ("result", "[0.5, 0.25]"), ("error", "NameError: name 'a' is not defined"))
    notebook = read(tmp_path, Cell("markdown", "# A title"), Cell("code", "a", 7, shown))
    title, code = notebook.cells
    assert (title.kind, title.code, title.text) == ("markdown", None, "# A title")
    assert (code.number, code.execution_count) == (2, 7)
    assert [(output.kind, output.text.strip()) for output in code.outputs] == [
        ("stream", "hello"), ("result", "[0.5, 0.25]"), ("error", "NameError: name 'a' is not defined"),
    ]  # fmt: skip


def test_given_cells_are_known_whatever_the_space_around_them(tmp_path):
    starter = np.frombuffer(notebook_bytes([Cell("code", "x = 1\n\n")]), np.uint8)
    notebook = read_bytes(
        tmp_path, notebook_bytes([Cell("code", "x = 1  "), Cell("code", "x = 2")]), {"starter.ipynb": starter}
    )
    assert [cell.is_given for cell in notebook.cells] == [True, False]


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\xff\xfe", b'{"cells": 3}', b"[" * 100_000])
def test_what_is_no_notebook_has_a_problem_and_no_findings(tmp_path, data):
    notebook = read_bytes(tmp_path, data)
    assert notebook.problem
    assert audit(notebook) == ()


def strange_cells():
    return [
        {"cell_type": "code", "source": "x", "outputs": "no list", "execution_count": -3, "metadata": {}},
        {
            "cell_type": "code",
            "source": "x",
            "outputs": [3, None, {"output_type": 5}],
            "execution_count": 1e300,
            "metadata": {},
        },
        {"cell_type": "code", "source": "x", "outputs": [{"output_type": "stream", "text": {"a": 1}}], "metadata": {}},
        {
            "cell_type": "code",
            "source": "x",
            "outputs": [{"output_type": "stream", "text": ["\ud800", 3]}],
            "metadata": {},
        },
        {"cell_type": "code", "source": "y = " + "(" * 150 + ")" * 150, "outputs": [], "metadata": {}},
        {"cell_type": "code", "source": "-" * 5_000 + "1", "outputs": [], "metadata": {}},
        {"cell_type": "strange", "source": "\ud800 \x1b[31m", "metadata": {}},
    ]


def test_strange_cells_are_told_or_left_out_and_never_end_the_reading(tmp_path):
    data = json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": strange_cells()}).encode()
    notebook = read_bytes(tmp_path, data)
    assert notebook.problem or len(notebook.cells) == len(strange_cells())
    audit(notebook)


def test_what_is_too_much_is_cut_and_said(tmp_path):
    loud = Cell("code", "x", 1, (("stream", "1234567 " * MAX_OUTPUT),))
    notebook = read(
        tmp_path,
        loud,
        Cell("code", "y", 2, (("stream", "Output was truncated, see settings\n"),)),
        Cell("code", "z", 3),
    )
    assert [cell.is_cut for cell in notebook.cells] == [True, True, False]
    assert all(len(line) <= MAX_LINE for cell in notebook.cells for line in cell.output.split("\n"))
    assert read(tmp_path, *[Cell("code", "x", 1)] * (MAX_CELLS + 1)).is_cut


# --- the trusted side -------------------------------------------------------------------------------------------------


def described(**changes):
    return msgspec.json.encode({"path": "a.ipynb", "cells": [{"number": 1, "kind": "code", "text": "x"}]} | changes)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{", "truncated"),
        (b'"text"', "Expected `object`"),
        (described(cells=[{"number": 0, "kind": "code", "text": ""}]), "cells"),
        (described(cells=[{"number": 1, "kind": "film", "text": ""}]), "Invalid enum value"),
        (described(cells=[{"number": 2, "kind": "code", "text": ""}] * 2), "not numbered in order"),
        (described(cells=[{"number": 1, "kind": "code", "text": "x" * (MAX_LINE + 1)}]), "longer than a worker tells"),
        (
            described(
                cells=[
                    {"number": n, "kind": "raw", "text": "x\n" * 45_000} for n in range(1, MAX_CHARACTERS // 90_000 + 2)
                ]
            ),
            "longer than a worker tells",
        ),
        (b" " * (MAX_BYTES + 1), "more than 16 MiB"),
        (b"[" * 200_000, "Expected `object`"),
    ],
)
def test_a_description_that_is_none_is_refused(data, said):
    with pytest.raises(ValueError, match=said):
        decode(data)


def test_no_more_findings_of_a_kind_than_anybody_reads(tmp_path):
    cells = [Cell("code", "import numpy as np\na = np.ones(3)", 1)]
    cells += [Cell("code", "np.allclose(a, a)", n) for n in range(2, 40)]
    found = audit(read(tmp_path, *cells))
    assert len(found) == MAX_OF_A_KIND
    assert {finding.kind for finding in found} == {"comparison-cannot-fail"}


def test_an_empty_notebook_has_no_findings():
    assert audit(Notebook("a.ipynb")) == ()
