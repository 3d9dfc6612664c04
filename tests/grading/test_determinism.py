"""The same submission gets the same report: field by field, whatever ran before, beside or around it."""

import random

import msgspec
import pytest

from grader.execute import run_all, run_job
from grader.grading.seeds import criterion_seed
from grader.results import GradeReport
from grader.sandbox import template
from grader.sandbox.levels import IsolationRefused, Level
from grader.session import Job, grade

NAMES = ("alice", "bob", "carol", "dave", "dave_import", "dave_missing")


def comparable(report):
    return [
        msgspec.structs.replace(r, usage=msgspec.structs.replace(r.usage, wall_s=0, cpu_s=0), duration_s=0)
        for r in report.results
    ]


def timeless(outcome):
    """An outcome without what tells of times and of the machine; for a report of a folder, every other field."""
    if not isinstance(outcome, GradeReport):
        return outcome
    provenance = msgspec.structs.replace(
        outcome.provenance, isolation="", walls=(), isolation_note="", started_at="", host=""
    )
    return msgspec.structs.replace(outcome, results=tuple(comparable(outcome)), provenance=provenance, duration_s=0)


def graded(course_root, jobs, workers=1):
    """Grade ``jobs``; return the outcomes by the name of the submission's folder, in the order they were done."""
    found = {}
    for job, outcome in run_all(course_root, jobs, workers):
        found.setdefault(job.submission.name, []).append(timeless(outcome))
    return found


@pytest.fixture(scope="module")
def expected(small_course, root):
    """Every submission, graded alone."""
    return {name: graded(small_course, [Job(root / "submissions" / name)])[name][0] for name in NAMES}


def test_the_same_submission_gets_the_same_report(course, root):
    job = Job(root / "submissions" / "bob")
    assert comparable(grade(course, job)) == comparable(grade(course, job))


def test_one_criterion_alone_is_graded_as_it_is_among_all(course, root):
    whole = grade(course, Job(root / "submissions" / "bob"))
    for result in whole.results:
        alone = grade(course, Job(root / "submissions" / "bob", only=(result.criterion_id,), seed=result.seed))
        (found,) = comparable(alone)
        assert found == next(r for r in comparable(whole) if r.criterion_id == result.criterion_id)


def test_what_is_compared_is_nearly_everything(expected):
    """Times and the machine are left out, and nothing else is: a field that is added is compared from then on."""
    report = expected["alice"]
    assert isinstance(report, GradeReport)
    student = msgspec.structs.replace(report.submission, student="x")
    score = msgspec.structs.replace(report.score, awarded=0.5)
    for change in ({"assignment_title": "x"}, {"submission": student}, {"score": score}):
        assert timeless(msgspec.structs.replace(report, **change)) != report
    (first, *_) = report.results
    for change in ({"awarded": first.awarded - 1e-12}, {"seed": first.seed + 1}, {"private": "x"}):
        results = (msgspec.structs.replace(first, **change), *report.results[1:])
        assert timeless(msgspec.structs.replace(report, results=results)) != report


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("seed", [1, 2])
def test_neither_the_order_nor_the_number_of_jobs_changes_a_report(small_course, root, expected, workers, seed):
    names = list(NAMES)
    random.Random(seed).shuffle(names)
    found = graded(small_course, [Job(root / "submissions" / name) for name in names], workers)
    assert found == {name: [outcome] for name, outcome in expected.items()}, f"order {names}"


def test_the_fortieth_report_of_a_session_is_the_first(small_course, root, expected):
    names = [NAMES[number % len(NAMES)] for number in range(40)]
    found = graded(small_course, [Job(root / "submissions" / name) for name in names])
    assert sum(map(len, found.values())) == 40
    for name, outcomes in found.items():
        assert all(outcome == expected[name] for outcome in outcomes), name


@pytest.mark.parametrize("level", [Level.FULL, Level.STRONG, Level.REDUCED])
def test_the_level_of_isolation_changes_no_report(small_course, root, expected, level):
    jobs = [Job(root / "submissions" / name, demanded=level) for name in NAMES]
    try:
        found = graded(small_course, jobs)
    except IsolationRefused as refused:
        pytest.skip(str(refused).partition("\n")[0])
    assert found == {name: [outcome] for name, outcome in expected.items()}


def test_a_worker_from_nothing_changes_no_report(small_course, root, expected, monkeypatch):
    monkeypatch.setattr(template, "_refused", True)
    found = {name: timeless(run_job(small_course, Job(root / "submissions" / name))) for name in NAMES}
    assert found == expected


def test_seeds_differ_between_criteria_submissions_and_secrets():
    seeds = {
        criterion_seed(secret, submission, criterion)
        for secret in (b"", b"one", b"two")
        for submission in ("aa", "bb")
        for criterion in ("p.a", "p.b")
    }
    assert len(seeds) == 12
