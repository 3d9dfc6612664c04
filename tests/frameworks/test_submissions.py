"""The example students, graded for the whole first assignment: what the README promises."""

import pytest

from grader.results import Verdict
from grader.session import Job, grade

pytest.importorskip("torch")
pytest.importorskip("keras")


def results(course, root, student):
    report = grade(course, Job(root / "submissions" / student))
    assert Verdict.GRADER_FAULT not in {r.verdict for r in report.results}, [r.private for r in report.results]
    return report, {r.criterion_id: r for r in report.results}


def test_alice_has_all_points_of_a_whole_assignment(course, root):
    report, of = results(course, root, "alice")
    assert {key: (r.verdict, r.feedback) for key, r in of.items() if r.verdict is not Verdict.PASS} == {}
    assert (report.assignment, report.score.awarded, report.score.possible) == ("backprop_to_lenet", 100, 100)
    assert of["lenet.computes"].evidence == "VERIFIED"
    assert of["lenet.accuracy"].evidence == "VERIFIED"


def test_erin_has_all_points_for_what_a_notebook_in_keras_hands_in(course, root):
    _, of = results(course, root, "erin")
    lost = {key for key, r in of.items() if r.verdict is not Verdict.PASS}
    # weights of two networks only
    without_weights = {
        f"{part}.{what}" for part in ("lenet_dropout", "lenet_batch_norm") for what in ("accuracy", "reported")
    }
    assert lost == without_weights, {key: of[key].feedback for key in lost ^ without_weights}


def test_frank_mixes_frameworks_and_loses_what_is_wrong(course, root):
    _, of = results(course, root, "frank")
    assert of["mlp.computes"].verdict is Verdict.PASS
    assert of["mlp.training"].verdict is Verdict.PARTIAL  # he trains on the validation images
    assert of["lenet.parameters"].verdict is Verdict.FAIL
    assert of["lenet.computes"].verdict is Verdict.BLOCKED
    assert of["lenet_dropout.parameters"].verdict is Verdict.PASS
    assert "dropout is active" in " ".join(of["lenet_dropout.computes"].feedback.facts)
    assert of["lenet_batch_norm.layers"].verdict is Verdict.MISSING


def test_gina_is_told_which_assignment_by_her_manifest(course, root):
    report, of = results(course, root, "gina")
    assert report.assignment == "backprop_to_lenet"
    assert of["lenet.computes"].verdict is Verdict.PASS
    assert of["lenet.accuracy"].verdict is Verdict.MISSING
