"""Loading notebooks: definitions and what they need run, training cells and magics do not."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from grader.sandbox.wire import Loaded, Raised, Returned, Where
from grader.sandbox.worker.loader import Loader


@pytest.fixture(autouse=True)
def _undo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A worker ends with its submission; this process goes on."""
    monkeypatch.chdir(Path.cwd())
    monkeypatch.setattr(sys, "path", sys.path.copy())
    monkeypatch.setattr(sys, "argv", sys.argv)
    yield
    for name in ("hw", "hw.ipynb"):
        sys.modules.pop(name, None)


def loader_of(root: Path, *cells: str) -> Loader:
    made = [
        {"cell_type": "code", "metadata": {}, "source": cell, "outputs": [], "execution_count": None} for cell in cells
    ]
    (root / "hw.ipynb").write_text(
        json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": made}), encoding="utf-8"
    )
    return Loader(root)


def number_from(root: Path, *cells: str) -> float:
    """Call ``f()`` of a notebook and return the number that it returns."""
    loader = loader_of(root, *cells)
    loaded = loader.load("hw.ipynb", ("f",))
    assert isinstance(loaded, Loaded), loaded
    assert loaded.missing == ()
    answer, arrays = loader.call("hw.ipynb", "f", ())
    assert isinstance(answer, Returned), answer
    return float(arrays[0])


def raised_by(root: Path, *cells: str) -> Raised:
    loader = loader_of(root, *cells)
    assert isinstance(loader.load("hw.ipynb", ("f",)), Loaded)
    answer, _ = loader.call("hw.ipynb", "f", ())
    assert isinstance(answer, Raised)
    return answer


BOOM = "raise RuntimeError('a training cell ran')"


def test_only_what_is_needed_runs(tmp_path: Path) -> None:
    cells = (
        "%matplotlib inline\nimport numpy as np\nimport no_such_plotting_library as plt",
        "# training\nprint(1 / 0)\nhistory = 1 / 0\nwhile True:\n    pass",
        BOOM,
        "scale = 2\n1 / 0\ndef helper(x):\n    return scale * np.sum(x)",
        "!rm -rf /\nif 1 / 0: other = 3",
        "def f():\n    return helper([1, 2])",
        "assert f() == 0\nf()",
    )
    assert number_from(tmp_path, *cells) == 6


def test_assignments_keep_document_order_and_definitions_the_last(tmp_path: Path) -> None:
    cells = ("a = 1\ndef f(): return 0", "a = a + 10\na += 100", "b = [0]\nb[0] = 1000", "def f(): return a + b[0]")
    assert number_from(tmp_path, *cells) == 1111


def test_a_definition_that_is_replaced_need_not_load(tmp_path: Path) -> None:
    cells = ("import no_such_module", "@no_such_module.fast\ndef f(): return 1", "def f(): return 2")
    assert number_from(tmp_path, *cells) == 2


def test_a_definition_that_is_replaced_runs_if_something_between_needs_it(tmp_path: Path) -> None:
    cells = ("def make(): return 1", "a = make()", "def make(): return 2", "def f(): return 10 * a + make()")
    assert number_from(tmp_path, *cells) == 12


def test_an_if_runs_without_the_rest_of_its_block(tmp_path: Path) -> None:
    block = f"if 1 + 1 == 2:\n    {BOOM}\n    for i in range(3): {BOOM}\n    a = 1\nelse:\n    a = 2"
    assert number_from(tmp_path, block, "def f(): return a") == 1


def test_a_try_runs_with_all_its_bindings(tmp_path: Path) -> None:
    block = (
        "try:\n    1 / 0\n    import no_such_module\n    a = 1\nexcept ImportError:\n    a = 2\nfinally:\n    print()"
    )
    assert number_from(tmp_path, block, "def f(): return a") == 2


def test_a_with_binds_what_its_header_names(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("7")
    assert number_from(tmp_path, "with open('a.txt') as stream:\n    a = int(stream.read())", "def f(): return a") == 7


def test_a_star_import_runs_if_a_name_could_come_from_it(tmp_path: Path) -> None:
    assert number_from(tmp_path, "from math import *", "def f(): return floor(pi)") == 3
    assert number_from(tmp_path, "from no_such_module import *", "def f(): return max(1, 2)") == 2


def test_a_cell_that_is_not_python_is_passed_over(tmp_path: Path) -> None:
    assert number_from(tmp_path, "def g(:", "def f(): return 1") == 1


def test_definitions_under_a_timing_magic_count(tmp_path: Path) -> None:
    assert number_from(tmp_path, "%%time\ndef f(): return 1") == 1


def test_magics_and_display_in_a_function_do_nothing(tmp_path: Path) -> None:
    assert number_from(tmp_path, "def f():\n    %matplotlib inline\n    !ls\n    display(1)\n    return 1") == 1


def test_future_annotations_reach_every_cell(tmp_path: Path) -> None:
    assert number_from(tmp_path, "from __future__ import annotations", "def f() -> NoSuchName: return 1") == 1


def test_a_second_load_adds_what_is_new_and_runs_nothing_twice(tmp_path: Path) -> None:
    cells = (
        "import sys\nlog = []",
        "a = log.append(1)\ndef f(): return len(log) + bool(a)",
        "b = 2\ndef g(): return b, a",
    )
    loader = loader_of(tmp_path, *cells)
    loader.load("hw.ipynb", ("f",))
    loader.load("hw.ipynb", ("f", "g"))
    assert loader.call("hw.ipynb", "f", ())[1] == [np.array(1)]
    assert isinstance(loader.call("hw.ipynb", "g", ())[0], Returned)


def test_a_load_that_failed_fails_again(tmp_path: Path) -> None:
    loader = loader_of(tmp_path, "a = 1 / 0", "def f(): return a")
    for _ in range(2):
        answer = loader.load("hw.ipynb", ("f",))
        assert isinstance(answer, Raised)
        assert answer.where == (Where("hw.ipynb", 1, 1, "<module>", "a = 1 / 0"),)


def test_a_name_that_is_only_bound_in_a_loop_is_explained(tmp_path: Path) -> None:
    raised = raised_by(tmp_path, "x = 1", "for i in range(2):\n    W = 1", "def f():\n    return W")
    assert raised.message == (
        "name 'W' is not defined (W is bound in cell 2, line 2 of hw.ipynb, inside a loop. Of a notebook only "
        "definitions and the assignments they need are run, not loops: bind it outside the loop or pass it as an "
        "argument)"
    )
    assert raised.where == (Where("hw.ipynb", 2, 3, "f", "return W"),)


def test_a_name_that_nothing_binds_is_explained(tmp_path: Path) -> None:
    raised = raised_by(tmp_path, "def f(): return W")
    assert raised.message == "name 'W' is not defined (no cell of hw.ipynb that can be read binds W)"


def test_a_local_name_that_is_not_bound_yet_is_left_as_it_is(tmp_path: Path) -> None:
    raised = raised_by(tmp_path, "def f():\n    x += 1\n")
    assert raised.type_name == "UnboundLocalError"
    assert "no cell" not in raised.message


def test_what_is_no_notebook_is_raised(tmp_path: Path) -> None:
    (tmp_path / "hw.ipynb").write_text("{")
    answer = Loader(tmp_path).load("hw.ipynb", ("f",))
    assert isinstance(answer, Raised)
    assert answer.message.startswith("it is not a notebook: not JSON at line 1")


def test_names_that_are_missing_are_named(tmp_path: Path) -> None:
    loaded = loader_of(tmp_path, "def f(): pass", "for i in range(2):\n    def g(): pass").load(
        "hw.ipynb", ("f", "g", "h")
    )
    assert isinstance(loaded, Loaded)
    assert loaded.missing == ("g", "h")


def test_a_match_keeps_what_is_needed(tmp_path: Path) -> None:
    cell = f"match 3:\n    case 3:\n        {BOOM}\n        a = 1\n    case _:\n        a = 2"
    assert number_from(tmp_path, cell, "def f(): return a") == 1


def test_a_notebook_may_import_a_file_of_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "hw.py").write_text("a = 5")
    assert number_from(tmp_path, "from hw import a", "def f(): return a") == 5


def test_data_classes_with_text_for_types_work(tmp_path: Path) -> None:
    cells = ("from dataclasses import dataclass", "@dataclass\nclass A:\n    x: 'int' = 3", "def f(): return A().x")
    assert number_from(tmp_path, *cells) == 3
