"""Networks give the same report from a copy of a warm template and from a process that starts from nothing."""

import msgspec
import pytest

from grader.sandbox import template
from grader.session import Job, grade

SUBMISSIONS = {"torch": "alice", "keras": "erin"}
CRITERIA = ("lenet.layers", "lenet.parameters", "lenet.computes", "lenet.accuracy", "lenet_dropout.mode")


def timeless(report):
    return [
        msgspec.structs.replace(one, usage=msgspec.structs.replace(one.usage, wall_s=0, cpu_s=0), duration_s=0)
        for one in report.results
    ]


@pytest.mark.parametrize("framework", SUBMISSIONS)
def test_a_worker_from_nothing_changes_no_report(course, root, framework, monkeypatch):
    pytest.importorskip(framework)
    job = Job(root / "submissions" / SUBMISSIONS[framework], only=CRITERIA)
    first, second = timeless(grade(course, job)), timeless(grade(course, job))
    monkeypatch.setattr(template, "_refused", True)
    cold = timeless(grade(course, job))
    assert first == second == cold
