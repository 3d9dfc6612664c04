"""Which statements have a comment, and what becomes of the share."""

import ast
import json

import numpy as np
import pytest

from grader.checks.comments import Bare, Commented, Comments, CommentsOptions, CommentsSeen
from grader.course.units import Percentage
from grader.results import Evidence, Verdict
from grader.sandbox.worker.loader import Loader
from grader.sandbox.worker.operations.comments import commented_lines, read_comments, statements
from grader.sandbox.worker.operations.workbench import Workbench


def covered(text):
    tree = ast.parse(text)
    return sorted(commented_lines(text, tree) & {node.lineno for node in statements(tree)})


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("x = 1  # the first number", [1]),
        ("# the first number\nx = 1", [2]),
        ("# both numbers\nx = 1\ny = 2\n\nz = 3", [2, 3]),
        ("# one\nx = 1\n# another\ny = 2", [2, 4]),
        ("# far away\n\nx = 1", []),
        ("x = f(\n    1,  # the first argument\n    2,\n)", [1]),
        ("for i in x:  # every one of them\n    f(i)", [1]),
        ("for i in x:\n    f(i)  # use it", [2]),
        ("# go through all\nfor i in x:\n    f(i)\n    g(i)", [2, 3, 4]),
        ("if x:\n    # only then\n    f(x)\ny = 1", [3]),
        ("def f(x):\n    '''Return it.'''\n    y = x\n    return y", [1]),
        ("# decorated with care\n@cache\ndef f(x):\n    return x", [3, 4]),
        ('"""The first number."""\nx = 1', [2]),
        ("# " + "many\n" + "".join(f"x{n} = {n}\n" for n in range(9)), [2, 3, 4, 5, 6]),
        ("x = '# no comment'", []),
        ("match x:  # by its kind\n    case 1:\n        y = 2", [1]),
    ],
)
def test_comments_are_beside_or_directly_above(text, lines):
    assert covered(text) == lines


@pytest.mark.parametrize(
    "comment",
    [
        "#",
        "# -----",
        "#!!",
        "# ab",
        "# noqa: E501",
        "# type: ignore",
        "# x = 3",
        "# print(x)",
        "# x = 1",
        "# TODO",
        "# %%",
    ],
)
def test_what_says_nothing_does_not_count(comment):
    assert covered(f"{comment}\nx = 1") == []


def test_code_put_aside_in_several_lines_does_not_count():
    assert covered("# for i in x:\n#     f(i)\nx = 1") == []
    assert covered("# The loop was slower:\n# for i in x:\n#     f(i)\nx = 1") == [4]


@pytest.mark.parametrize(
    "comment",
    ["max-pooling", "import the data", "import libraries", "inputs: images", "train and test", "training in batches",
     "softmax (output)", "28x28x1 to 14x14", "Größe"],
)  # fmt: skip
def test_words_that_happen_to_parse_count(comment):
    assert covered(f"# {comment}\nx = 1") == [2]


def test_the_statement_once_more_does_not_count():
    assert covered("# x equals 1\nx = 1") == [2]
    assert covered("y = loss  # y = loss") == []


def test_passes_strings_and_magics_are_no_statements():
    tree = ast.parse("'text'\npass\nget_ipython().run_line_magic('matplotlib', 'inline')\nx = 1")
    assert [node.lineno for node in statements(tree)] == [4]


def test_given_statements_do_not_count_and_notebooks_are_read_by_cell(tmp_path):
    given = "import numpy as np\n# a given comment\nseed = 0\n"
    cells = [["import numpy as np\n", "# a given comment\n", "seed = 0"], ["x = 1  # mine\n", "y = 2"], ["%time z = 3"]]
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            {"cell_type": "code", "id": f"c{n}", "metadata": {}, "outputs": [], "execution_count": None, "source": cell}
            for n, cell in enumerate(cells)
        ],
    }
    (tmp_path / "hw.ipynb").write_text(json.dumps(notebook))
    (tmp_path / "broken.py").write_text("x = (")
    bench = Workbench(tmp_path, Loader(tmp_path))
    content = np.frombuffer(given.encode(), np.uint8)
    told, broken = read_comments(bench, ("hw.ipynb", "broken.py"), {"starter/hw.py": content})
    assert (int(told["statements"]), int(told["commented"])) == (2, 1)
    assert told["bare"] == ({"line": 2, "cell": 2, "quote": "y = 2"},)
    assert "syntax error" in broken["problem"]


def judged(make_criterion, statements, commented, share="80%", problem=""):
    bare = (Bare(3, 0, "y = 2"),) if commented < statements else ()
    seen = CommentsSeen((Commented("hw.py", problem, statements, commented, bare),))
    return Comments().judge(seen, make_criterion(CommentsOptions(Percentage.read(share)), kind="comments"))


def test_the_share_decides(make_criterion):
    assert judged(make_criterion, 10, 8).verdict is Verdict.PASS
    half = judged(make_criterion, 10, 4)
    assert (half.verdict, half.fraction, half.evidence) == (Verdict.PARTIAL, 0.5, Evidence.CLAIMED)
    assert half.feedback.table.rows == (("hw.py, line 3", "y = 2"),)
    assert judged(make_criterion, 10, 0).verdict is Verdict.FAIL


def test_nothing_of_the_students_own_is_missing_and_what_cannot_be_read_is_for_a_person(make_criterion):
    assert judged(make_criterion, 0, 0).verdict is Verdict.MISSING
    assert judged(make_criterion, 0, 0, problem="syntax error").verdict is Verdict.NEEDS_REVIEW
