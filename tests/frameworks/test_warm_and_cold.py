"""Networks give the same report from a copy of a warm template and from a process that starts from nothing."""

import pytest

from grader.course.model import Limits
from grader.sandbox import launch, template, wire
from grader.sandbox.lease import open_worker
from grader.sandbox.levels import this_machine
from grader.session import Job, grade
from tests.grading.test_determinism import comparable

SUBMISSIONS = {"torch": "alice", "keras": "erin"}
DRAWS = {
    "torch": """\
import torch
def draw():
    return str([torch.rand(2).tolist(), torch.nn.Linear(2, 1).weight.tolist()])
""",
    "keras": """\
import keras, tensorflow
def draw():
    return str([tensorflow.random.normal([2]), keras.random.normal([2])])
""",
}
CRITERIA = ("lenet.layers", "lenet.parameters", "lenet.computes", "lenet.accuracy", "lenet_dropout.mode")


@pytest.mark.parametrize("framework", SUBMISSIONS)
def test_a_worker_from_nothing_changes_no_report(course, root, framework, monkeypatch):
    pytest.importorskip(framework)
    job = Job(root / "submissions" / SUBMISSIONS[framework], only=CRITERIA)
    first, second = comparable(grade(course, job)), comparable(grade(course, job))
    monkeypatch.setattr(template, "_refused", True)
    cold = comparable(grade(course, job))
    assert first == second == cold


@pytest.mark.parametrize("framework", DRAWS)
def test_what_draws_without_a_seed_gets_the_same_numbers_from_every_template(framework, monkeypatch):
    """PyTorch and TensorFlow seed themselves at random."""
    pytest.importorskip(framework)
    drawn = set()
    for refused in (False, False, True):
        launch.close_all()
        monkeypatch.setattr(template, "_refused", refused)
        with open_worker(this_machine(), Limits(memory_bytes=2**32), libraries=(framework,)) as worker:
            worker.deliver({"draw.py": DRAWS[framework].encode()})
            assert isinstance(worker.request(wire.Load("draw.py", ("draw",)), wall_s=60).message, wire.Loaded)
            answer = worker.request(wire.Call("draw.py", "draw", ((),)), wall_s=60).message
            assert isinstance(answer, wire.Returned), answer
            drawn.add(answer.results[0].value)
    assert len(drawn) == 1
