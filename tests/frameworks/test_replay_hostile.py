"""Notebooks that end their process, hang, flood, or lie: no other cell's record is lost, and nobody waits."""

import pytest

from grader.grading import replays
from grader.grading.replays import Allowance
from grader.recording.events import Note, Seeded
from tests.frameworks.replays import notebook, replayed


@pytest.fixture(autouse=True)
def _little_time(monkeypatch):
    monkeypatch.setitem(replays.ALLOWANCES, "quick", Allowance(60.0, 4.0, 60.0))
    monkeypatch.setattr(replays, "GRACE_S", 3.0)


def statuses(recording):
    return [(cell.status, cell.cause) for cell in recording.cells]


def test_a_cell_that_ends_the_process_takes_no_other_record_with_it(tmp_path):
    recording = replayed(tmp_path, notebook("print('before')", "import os\nos._exit(0)", "print('after')"))
    assert statuses(recording) == [("ran", ""), ("ended the process", "code"), ("not run", "")]
    assert recording.cells[0].printed == "before\n"
    assert recording.problem.startswith("It ended in cell 2: the process ended by itself with exit code 0")


def test_a_cell_without_end_is_interrupted_and_the_next_goes_on(tmp_path):
    recording = replayed(
        tmp_path, notebook("import time\ntime.sleep(1000)", "n = 0\nwhile True:\n    n += 1", "print(n > 9)")
    )
    assert statuses(recording) == [("out of time", "budget"), ("out of time", "budget"), ("ran", "")]
    assert recording.cells[2].printed == "True\n"


def test_a_cell_that_catches_everything_is_ended_from_outside(tmp_path):
    stubborn = "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nexec('while True: pass')"
    recording = replayed(tmp_path, notebook("1", stubborn, "print('after')"))
    assert statuses(recording) == [("ran", ""), ("ended the process", "budget"), ("not run", "")]


def test_a_flood_is_cut(tmp_path):
    flood = """\
import random
for n in range(50_000):
    print('x' * 100)
for n in range(5_000):
    random.seed(n)
    get_ipython().system('echo ' + str(n))"""
    recording = replayed(tmp_path, notebook(flood, "print('after')"))
    assert statuses(recording) == [("ran", ""), ("ran", "")]
    first = recording.cells[0]
    assert len(first.printed) < 10_000
    assert "characters left out" in first.printed
    assert len(first.events) <= 400
    assert first.left_out > 9_000


@pytest.mark.parametrize(
    ("forged", "words"),
    [
        ("np.frombuffer(b'{}', np.uint8)", "did not keep to the protocol"),
        ("np.zeros(3)", "did not keep to the protocol"),
        ("np.frombuffer(json.dumps({**value, 'number': 1}).encode(), np.uint8)", "it told of cell 1"),
        ("np.frombuffer(json.dumps({**value, 'printed': 'x' * 99_999}).encode(), np.uint8)", "did not keep"),
        ("np.frombuffer(b'[' * 100_000, np.uint8)", "did not keep to the protocol"),
    ],
)
def test_what_is_no_record_ends_the_worker(tmp_path, forged, words):
    lie = f"""\
import json
import numpy as np
import grader.sandbox.worker.operations.replaying as replaying
replaying._encoded = lambda value: {forged}"""
    recording = replayed(tmp_path, notebook("print('before')", lie, "print('after')"))
    assert statuses(recording) == [("ran", ""), ("ended the process", "code"), ("not run", "")]
    assert words in recording.cells[1].failure.message


def test_a_notebook_can_write_its_own_record_and_the_report_says_observed(tmp_path):
    forged = """\
import gc
from grader.sandbox.worker.recorder.log import Log
log = next(found for found in gc.get_objects() if isinstance(found, Log))
log.add('seeded', what='numpy', value='7')"""
    (cell,) = replayed(tmp_path, notebook(forged)).cells
    assert [(event.what, event.value) for event in cell.events if isinstance(event, Seeded)] == [("numpy", "7")]


def test_objects_that_lie_about_themselves_do_not_break_the_record(tmp_path):
    trap = """\
class Trap(Exception):
    def __str__(self): raise SystemExit
    def __repr__(self): raise RuntimeError
class Name(str):
    def __eq__(self, other): raise RuntimeError
    __hash__ = str.__hash__
globals()[Name('odd')] = Trap()
raise Trap()"""
    recording = replayed(tmp_path, notebook(trap, "print('after')"))
    assert [cell.status for cell in recording.cells] == ["failed", "ran"]
    assert recording.cells[0].failure.kind == "Trap"


def test_a_script_that_was_exported_is_replayed_like_its_notebook(tmp_path):
    script = "# %% [markdown]\n# # Heading\n# %%\nn = 1\n# %%\nprint(n)\nraise ValueError('no')\n"
    recording = replayed(tmp_path, script, name="hw.py")
    assert statuses(recording) == [("ran", ""), ("failed", "code")]
    assert recording.cells[0].heading == "Heading"
    assert recording.cells[1].failure.line == 7


def test_given_cells_are_told_apart(tmp_path):
    given = notebook("import missing_package", "answer = None")
    recording = replayed(tmp_path, notebook("import missing_package  ", "answer = 3"), starter=given)
    assert [(cell.status, cell.is_given) for cell in recording.cells] == [("failed", True), ("ran", False)]
    assert recording.cells[0].cause == "surroundings"


def test_what_is_no_notebook_costs_nothing_and_says_so(tmp_path):
    recording = replayed(tmp_path, "{}")
    assert recording.cells == ()
    assert recording.problem == "It cannot be read: it is JSON but not a notebook: it has no cells."


def test_a_note_says_what_nobody_answered(tmp_path):
    recording = replayed(tmp_path, notebook("name = input('Your name')\nprint(len(name))"))
    assert recording.cells[0].printed == "0\n"
    assert [event.kind for event in recording.cells[0].events if isinstance(event, Note)] == ["needs-input"]
