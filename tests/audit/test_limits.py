"""An audit ends: after its time is up, whatever the texts; and what was not looked at is said."""

from itertools import count

import pytest
from audit_notebooks import Bench, Cell, notebook_bytes

from grader.audit import facts
from grader.audit.audit import CUT_SHORT, LIMIT_S, MODULES, audit
from grader.audit.facts import Assignment, Code, Notebook, decode
from grader.audit.facts import Cell as FactsCell
from grader.audit.readers.flow import origin
from grader.sandbox.worker.operations import notebook_facts
from grader.sandbox.worker.operations.notebook_facts import read_notebook

SLOW = ("accuracy of " * 80, "f'{" * 330, "[1/1 " * 190, "is better than " * 60, "1" * 990, "epochs=1" * 120)
"""Lines that the readers' patterns nearly match, again and again."""


def read(root, *cells):
    (root / "work.ipynb").write_bytes(notebook_bytes(cells))
    (told,) = read_notebook(Bench(root), ("work.ipynb",), {})
    return decode(told.tobytes())


def ticking():
    """A clock that goes on by a second whenever it is looked at."""
    seconds = count()
    return lambda: next(seconds)


@pytest.mark.parametrize("limit_s", [1, 2, 7])
def test_kinds_are_looked_for_until_the_time_is_up(tmp_path, monkeypatch, limit_s):
    notebook = read(tmp_path, *(Cell("markdown", line) for line in SLOW))
    looked = []
    for module in MODULES:
        monkeypatch.setattr(module, "find", lambda _, name=module.__name__: looked.append(name) or iter(()))
    (finding,) = audit(notebook, limit_s=limit_s, clock=ticking())
    # the clock is looked at once to begin with, and once before each kind
    assert looked == [module.__name__ for module in MODULES[: limit_s - 1]]
    assert finding.kind == CUT_SHORT
    left = [module.__name__.rpartition(".")[2].replace("_", " ") for module in MODULES[limit_s - 1 :]]
    assert f"Not looked for: {', '.join(left)}." in finding.text


def test_what_was_found_before_stays(tmp_path):
    cells = [Cell("code", "x = 1", 2), Cell("code", "y = x", 1)]
    kinds = [finding.kind for finding in audit(read(tmp_path, *cells), limit_s=2, clock=ticking())]
    assert kinds == [CUT_SHORT, "cells-out-of-order"]


def test_an_ordinary_notebook_is_looked_at_whole(tmp_path):
    seconds = iter([0.0] + [LIMIT_S / 10] * len(MODULES))
    assert audit(read(tmp_path, Cell("code", "x = 1", 1)), clock=lambda: next(seconds)) == ()
    assert next(seconds, None) is None


def test_a_cut_notebook_says_up_to_where_it_was_read(tmp_path, monkeypatch):
    monkeypatch.setattr(notebook_facts, "MAX_CHARACTERS", 100)
    notebook = read(tmp_path, Cell("markdown", "a" * 60), Cell("markdown", "b" * 60))
    (finding,) = audit(notebook)
    assert finding.kind == CUT_SHORT
    assert finding.text.startswith("Only the cells up to 1 were audited")


def test_code_that_says_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(facts, "MAX_FACTS", 100)
    lines = "\n".join(f"x{number} = {number}" for number in range(60))
    read(tmp_path, Cell("code", lines, 1))
    with pytest.raises(ValueError, match="says more than 100 things"):
        read(tmp_path, Cell("code", lines, 1), Cell("code", lines, 2))


def test_following_a_value_reads_no_other_assignments():
    """The way of a value through many assignments looks only at those of its own names."""
    looked = []

    class Counted(dict):
        def get(self, key, default=None):
            looked.append(key)
            return super().get(key, default)

    lines = [Assignment(f"x{n}", n + 1, f"x{n - 1}", f"x{n - 1}", ()) for n in range(1, 60)]
    others = [Assignment(f"y{n}", 100 + n, "1", "", ()) for n in range(5_000)]
    cell = FactsCell(1, "code", "", code=Code(assignments=(*lines, *others)))
    notebook = Notebook("a.ipynb", cells=(cell,))
    notebook.__dict__["assignments"] = Counted(notebook.assignments)
    found = origin(notebook, "x59", 1, 10_000)
    assert found is not None
    assert found.root == "x0"
    assert set(looked) == {f"x{n}" for n in range(60)}
    assert len(looked) <= 2 * 60
