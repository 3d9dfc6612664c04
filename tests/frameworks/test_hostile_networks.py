"""Networks that lie about themselves, break, or hang: a clear verdict, and not a point more than they are worth."""

import shutil
import textwrap

import pytest

from grader.execute import course_at
from grader.results import Verdict
from grader.session import Job, grade

pytest.importorskip("torch")

RUBRIC = """\
assignment: LeNet
parts:
  - id: lenet
    files: [networks.py]
    limits: {time: 40 s, memory: 4 GiB, processes: 128}
    models: {lenet: {input: [28, 28, 1]}}
    criteria:
      - {id: layers, title: Layers, points: 1, check: layers}
      - {id: parameters, title: Parameters, points: 1, check: parameters}
      - {id: computes, title: What it computes, points: 1, check: transplant}
"""
RIGHT = """\
import torch
from torch import nn

def build_lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 120, 5), nn.ReLU(), nn.Flatten(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))
"""


@pytest.fixture(scope="module")
def small_course(root, tmp_path_factory):
    """A course with the three criteria of one network, and little time."""
    folder = tmp_path_factory.mktemp("course")
    assignment = folder / "reference" / "backprop_to_lenet"
    (assignment / "recorded").mkdir(parents=True)
    (folder / "rubric.yaml").write_text("course: Networks\n")
    (assignment / "rubric.yaml").write_text(RUBRIC)
    shutil.copy(root / "reference" / "backprop_to_lenet" / "recorded" / "networks.json", assignment / "recorded")
    return course_at(folder)


@pytest.fixture
def verdicts(small_course, tmp_path):
    def run(source):
        folder = tmp_path / "somebody"
        folder.mkdir()
        (folder / "networks.py").write_text(RIGHT + textwrap.dedent(source))
        report = grade(small_course, Job(folder, assignment="backprop_to_lenet"))
        assert Verdict.GRADER_FAULT not in {r.verdict for r in report.results}, [r.private for r in report.results]
        return {r.criterion_id.split(".")[1]: r for r in report.results}

    return run


def test_the_right_network_passes(verdicts):
    results = verdicts("")
    assert {r.verdict for r in results.values()} == {Verdict.PASS}
    assert [results[name].evidence for name in ("layers", "computes")] == ["VERIFIED"] * 2


@pytest.mark.parametrize(
    "changed",
    [
        "return right().double()",
        "return right().half()",
        "return nn.Sequential(*right(), nn.Softmax(1))",
        "return nn.Sequential(*right(), nn.LogSoftmax(1))",
        "network = right(); [nn.init.zeros_(p) for p in network.parameters()]; return network",
        "network = right(); [nn.init.constant_(p, 3.0) for p in network.parameters()]; return network",
        "network = right(); network.insert(9, nn.Dropout(0.5)); return network",
        "return nn.Sequential(*right()[:9], Drops(), *right()[9:])",
    ],
    ids=["double", "half", "softmax", "log-softmax", "zeros", "threes", "dropout", "dropout always"],
)
def test_layers_of_an_honest_network_are_held_against_what_it_computes(verdicts, changed):
    results = verdicts(f"""
        right = build_lenet

        class Drops(nn.Module):
            def forward(self, x):
                return nn.functional.dropout(x)

        def build_lenet():
            {changed}
        """)
    assert (results["layers"].verdict, results["layers"].evidence) == (Verdict.PASS, "VERIFIED")
    assert results["parameters"].verdict is Verdict.PASS


def test_a_forged_description_does_not_help_a_network_that_computes_something_else(verdicts):
    results = verdicts("""
        import grader.sandbox.worker.operations.live_torch as live
        import grader.transplant.trace_torch as tracer

        honest, right = tracer.trace_torch, build_lenet
        tracer.trace_torch = lambda model, shape, **options: honest(right(), shape)

        def build_lenet():
            return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
        """)
    assert results["layers"].verdict is Verdict.NEEDS_REVIEW
    assert results["parameters"].verdict is Verdict.FAIL
    assert results["computes"].verdict is Verdict.FAIL


@pytest.mark.parametrize(
    "forged",
    [
        "(b'{}', ())",
        "(b'\\x00' * 1000, arrays)",
        "(structure, arrays[:1])",
        "(structure * 2, arrays)",
        "(structure, ())",
    ],
)
def test_what_is_no_description_ends_the_worker(verdicts, forged):
    results = verdicts(f"""
        import grader.transplant.portable as portable

        honest = portable.encode

        def encode(network):
            structure, arrays = honest(network)
            return {forged}

        portable.encode = encode
        """)
    assert {r.verdict for r in results.values()} == {Verdict.CRASH}
    assert "did not keep to the protocol" in results["layers"].feedback.summary


@pytest.mark.parametrize(
    ("built", "words"),
    [
        ("{'layers': 3}", "a dict is neither a torch.nn.Module nor a keras.Model"),
        ("None", "a NoneType is neither"),
        ("undefined", "name 'undefined' is not defined"),
        ("__import__('os')._exit(0)", "the process ended by itself"),
    ],
)
def test_what_is_no_network_is_said(verdicts, built, words):
    results = verdicts(f"""
        def build_lenet():
            return {built}
        """)
    assert {r.verdict for r in results.values()} == {Verdict.CRASH}
    assert words in results["layers"].feedback.summary


def test_a_network_larger_than_its_memory_is_told_so(verdicts):
    results = verdicts("""
        def build_lenet():
            return nn.Linear(50_000, 50_000)  # 10 GB
        """)
    assert {r.verdict for r in results.values()} == {Verdict.MEMORY}, results["layers"].feedback


@pytest.mark.parametrize(
    ("forward", "verdict"),
    [
        ("raise SystemExit(0)", Verdict.CRASH),
        ("return {'logits': x}", Verdict.CRASH),
        ("return super().forward(x)[:1]", Verdict.FAIL),
        ("return super().forward(x) * float('nan')", Verdict.FAIL),
        ("return torch.zeros(len(x), 10)", Verdict.FAIL),
    ],
)
def test_a_network_that_misbehaves_only_when_its_weights_are_set(verdicts, forward, verdict):
    """It behaves while it is traced, and not afterwards."""
    results = verdicts(f"""
        right = build_lenet

        class Odd(nn.Sequential):
            calls = 0

            def forward(self, x):
                Odd.calls += 1
                if Odd.calls < 2:
                    return super().forward(x)
                {forward}

        def build_lenet():
            return Odd(*right())
        """)
    assert results["layers"].verdict is Verdict.NEEDS_REVIEW
    assert results["computes"].verdict is verdict, results["computes"].feedback


def test_an_endless_forward_pass_times_out(verdicts):
    results = verdicts("""
        right = build_lenet

        class Endless(nn.Sequential):
            def forward(self, x):
                while len(x) > 2:
                    pass
                return super().forward(x)

        def build_lenet():
            return Endless(*right())
        """)
    assert results["layers"].verdict is Verdict.NEEDS_REVIEW
    assert "40 s" in " ".join(results["layers"].feedback.facts)
    assert results["parameters"].usage.wall_s < 5, "it was waited for once more"
    assert results["computes"].verdict is Verdict.TIMEOUT
    assert "40 s" in results["computes"].feedback.summary


def test_a_network_with_a_branch_is_for_a_person_and_proved_if_it_computes_the_same(verdicts):
    results = verdicts("""
        right = build_lenet

        class Branch(nn.Module):
            def __init__(self):
                super().__init__()
                self.layers = right()

            def forward(self, x):
                logits = self.layers(x)
                return logits + 0 * logits.sum(1, keepdim=True)

        def build_lenet():
            return Branch()
        """)
    assert results["layers"].verdict is Verdict.NEEDS_REVIEW
    assert results["parameters"].verdict is Verdict.PASS
    assert (results["computes"].verdict, results["computes"].evidence) == (Verdict.PASS, "VERIFIED")


def test_a_network_that_cannot_be_read_and_computes_something_else_is_for_a_person(verdicts):
    results = verdicts("""
        right = build_lenet

        class Branch(nn.Module):
            def __init__(self):
                super().__init__()
                self.layers = right()

            def forward(self, x):
                logits = self.layers(x)
                return logits + logits.flip(1)

        def build_lenet():
            return Branch()
        """)
    assert results["computes"].verdict is Verdict.NEEDS_REVIEW
