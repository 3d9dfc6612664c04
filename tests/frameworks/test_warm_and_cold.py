"""Networks give the same report from a copy of a warm template and from a process that starts from nothing."""

import pytest

from grader.sandbox import template
from grader.session import Job, grade
from tests.grading.test_determinism import comparable

SUBMISSIONS = {"torch": "alice", "keras": "erin"}
CRITERIA = ("lenet.layers", "lenet.parameters", "lenet.computes", "lenet.accuracy", "lenet_dropout.mode")


@pytest.mark.parametrize("framework", SUBMISSIONS)
def test_a_worker_from_nothing_changes_no_report(course, root, framework, monkeypatch):
    pytest.importorskip(framework)
    job = Job(root / "submissions" / SUBMISSIONS[framework], only=CRITERIA)
    first, second = comparable(grade(course, job)), comparable(grade(course, job))
    monkeypatch.setattr(template, "_refused", True)
    cold = comparable(grade(course, job))
    assert first == second == cold
