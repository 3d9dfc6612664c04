"""Running several jobs: a session process that dies, a grader that fails, who hears of what."""

import multiprocessing
from pathlib import Path

import pytest

from grader import execute
from grader.execute import run_all
from grader.results import GradeReport, Unreadable
from grader.session import Job, UnknownCriterion

ROOT = Path(__file__).resolve().parents[2]
ONLY = ("backprop.numpy_only",)
NAMES = ("alice", "bob", "dave", "carol")


def jobs(names=NAMES, only=ONLY):
    return [Job(ROOT / "submissions" / name, only=only) for name in names]


def test_a_session_process_that_dies_takes_no_other_submission_with_it(small_course):
    culprits = {"alice", "carol"}

    def kill(event):
        # as the kernel does for want of memory, and not only the one that asked for it
        if event.job.submission.name in culprits and not event.criterion_id:
            for process in multiprocessing.active_children():
                process.kill()

    outcomes = {job.submission.name: outcome for job, outcome in run_all(small_course, jobs(), 2, kill)}
    assert set(outcomes) == set(NAMES)
    for name, outcome in outcomes.items():
        if name in culprits:
            assert isinstance(outcome, Unreadable)
            assert outcome.is_fault
            assert "died" in outcome.message
        else:
            assert isinstance(outcome, GradeReport)


def test_a_bug_of_ours_is_an_outcome_and_costs_nothing(small_course, monkeypatch):
    def broken(course, job, on_result):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(execute, "grade", broken)
    ((_, outcome),) = run_all(small_course, jobs(["alice"]), 1)
    assert outcome.is_fault
    assert "ZeroDivisionError: division by zero" in outcome.message
    assert "no point is lost" in outcome.message


@pytest.mark.parametrize("workers", [1, 2])
def test_what_nobody_can_be_graded_with_stops_the_run(small_course, workers):
    with pytest.raises(UnknownCriterion):
        list(run_all(small_course, jobs(["alice", "bob"], ("backprop.lozz",)), workers))


@pytest.mark.parametrize("workers", [1, 2])
def test_every_criterion_is_heard_of(small_course, workers):
    heard = []
    chosen = jobs(["alice", "bob"])
    done = list(run_all(small_course, chosen, workers, heard.append))
    assert len(done) == 2
    for job in chosen:
        mine = [(event.criterion_id, event.verdict) for event in heard if event.job == job]
        assert mine == [("", None), ("backprop.numpy_only", "PASS")]


def test_an_iterator_that_is_closed_leaves_no_process(small_course):
    outcomes = run_all(small_course, jobs(), 2)
    next(outcomes)
    outcomes.close()
    assert multiprocessing.active_children() == []
