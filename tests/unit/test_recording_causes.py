"""Whose a failed cell is. In doubt it is not the student's."""

import pytest

from grader.recording.causes import with_causes
from grader.recording.events import Note
from tests.unit.recording_examples import cell, failure

CUT = ("fit ran 20 steps, in 2 of 20 epochs",)


def causes(*cells):
    return [(one.cause, one.because_of) for one in with_causes(cells)]


def failed(number, kind="ValueError", **more):
    name = more.pop("name", "")
    bases = more.pop("bases", ("Exception",))
    return cell(number, *more.pop("events", ()), status="failed", failure=failure(kind, name=name, bases=bases), **more)


def test_a_failure_by_itself_is_the_cell_s_own():
    assert causes(cell(1, defines=("x",)), failed(2, uses=("x",))) == [("", None), ("code", None)]


def test_what_the_budget_touched_is_followed_from_name_to_name():
    found = causes(
        cell(1, defines=("history",), cuts=CUT),
        cell(2, defines=("loss",), uses=("history",)),
        failed(3, "IndexError", uses=("loss",)),
        failed(4, "IndexError", uses=("other",)),
    )
    assert [cause for cause, _ in found] == ["", "", "budget", "code"]


def test_a_name_that_is_bound_anew_is_no_longer_touched():
    found = causes(
        cell(1, defines=("loss",), cuts=CUT), cell(2, defines=("loss",)), failed(3, "IndexError", uses=("loss",))
    )
    assert found[2] == ("code", None)


def test_a_cell_that_was_cut_itself_fails_because_of_the_budget():
    assert causes(failed(1, cuts=CUT)) == [("budget", None)]
    assert causes(cell(1, status="out of time", cuts=CUT)) == [("budget", None)]


@pytest.mark.parametrize("kind", ["NameError", "SyntaxError"])
def test_fewer_steps_undefine_no_name(kind):
    assert causes(cell(1, defines=("x",), cuts=CUT), failed(2, kind, uses=("x",), name="y"))[1] == ("code", None)


@pytest.mark.parametrize(
    ("kind", "bases"),
    [("ModuleNotFoundError", ("ImportError", "Exception")), ("FileNotFoundError", ("OSError",)), ("URLError", ())],
)
def test_what_is_not_in_a_replay_is_the_surroundings(kind, bases):
    assert causes(failed(1, kind, bases=bases)) == [("surroundings", None)]


@pytest.mark.parametrize("kind", ["needs-input", "no-data", "gone"])
def test_what_nobody_answered_is_the_surroundings(kind):
    assert causes(failed(1, events=(Note(line=1, kind=kind, text="x"),))) == [("surroundings", None)]


def test_a_name_that_a_failed_cell_would_have_defined_leads_back_to_it():
    found = causes(
        failed(1, defines=("data",)),
        failed(2, "NameError", name="data", uses=("data",), defines=("model",)),
        failed(3, "NameError", name="model", uses=("model",)),
    )
    assert found == [("code", None), ("earlier cell", 1), ("earlier cell", 2)]


def test_the_cause_of_an_earlier_cell_is_handed_on():
    found = causes(
        failed(1, "FileNotFoundError", defines=("data",)), failed(2, "NameError", name="data", uses=("data",))
    )
    assert found == [("surroundings", None), ("surroundings", 1)]


def test_a_name_defined_again_after_the_failure_is_there():
    found = causes(failed(1, defines=("x",)), cell(2, defines=("x",)), failed(3, "NameError", name="y", uses=("x",)))
    assert found[2] == ("code", None)


def test_a_cell_that_ended_the_process_keeps_the_cause_it_was_given():
    ended = cell(1, status="ended the process", failure=failure("TIMEOUT"), cause="budget")
    assert causes(ended) == [("budget", None)]
