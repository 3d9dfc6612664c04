"""Running several jobs: a session process that dies, a grader that fails, who hears of what."""

import multiprocessing
import os
import sys
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


@pytest.fixture
def two_processors():
    """This process, and all that it starts, keeps to two processors; they are returned."""
    if sys.platform != "linux" or len(before := os.sched_getaffinity(0)) < 2:
        pytest.skip("needs two processors, and Linux")
    two = set(sorted(before)[:2])
    os.sched_setaffinity(0, two)
    yield two
    os.sched_setaffinity(0, before)


def test_with_a_processor_for_each_session_each_keeps_to_its_own(small_course, two_processors):
    """And its worker as well; so does a session that takes the place of a dead one."""
    killed, seen = [], []

    def look(event):
        sessions = multiprocessing.active_children()
        if event.job.submission.name == "bob" and not killed:
            killed.extend(sessions)
            for process in sessions:
                process.kill()
        elif event.criterion_id:
            # one that is still starting has not chosen yet
            found = [affinities(process.pid) for process in sessions if process.is_alive()]
            seen.extend((own, below) for own, below in found if own != two_processors)

    list(run_all(small_course, jobs(), 2, look))
    assert killed
    assert all(len(own | below) == 1 for own, below in seen)
    assert two_processors == set.union(*(own for own, _ in seen))


def test_with_other_than_a_processor_for_each_session_the_kernel_chooses(small_course, two_processors):
    seen = []
    list(run_all(small_course, jobs(), 3, lambda _: seen.extend(multiprocessing.active_children())))
    assert len({process.name for process in seen}) == 3
    assert execute._processors(3) == [None, None, None]
    assert execute._processors(1) == [None]


def affinities(number):
    """Return on which processors a session runs, and on which all that it has started."""
    below, waiting = set(), [number]
    while waiting:
        one = waiting.pop()
        try:
            children = [int(name) for name in Path(f"/proc/{one}/task/{one}/children").read_text().split()]
            below |= set().union(*map(os.sched_getaffinity, children))
        except (OSError, ProcessLookupError):
            continue
        waiting += children
    return os.sched_getaffinity(number), below


def test_an_iterator_that_is_closed_leaves_no_process(small_course):
    outcomes = run_all(small_course, jobs(), 2)
    next(outcomes)
    outcomes.close()
    assert multiprocessing.active_children() == []
