"""The assignment cnn_in_numpy with real frameworks: the references get everything, untouched starters nothing."""

import shutil

import numpy as np
import pytest

from grader.oracle.run import load_module
from grader.results import Verdict
from grader.session import Job, grade

pytest.importorskip("torch")
pytest.importorskip("keras")

COMPARED = ("imports", "layers", "parameters", "transplant", "extracted_weights", "values", "numpy_forward")


@pytest.fixture(scope="module")
def assignment(course):
    return next(assignment for assignment in course.assignments if assignment.id == "cnn_in_numpy")


@pytest.fixture
def hand_in(course, assignment, tmp_path):
    """Grade files, by the names they are handed in under, on what they compute."""

    def run(files, only=()):
        folder = tmp_path / "somebody"
        folder.mkdir()
        for name, path in files.items():
            shutil.copy(path, folder / name)
        return grade(course, Job(folder, assignment=assignment.id, only=only))

    return run


@pytest.mark.parametrize("framework", ["torch", "keras"])
def test_the_references_are_a_right_submission(framework, hand_in, assignment):
    computed = tuple(criterion.id for criterion in assignment.criteria if criterion.kind in COMPARED)
    report = hand_in(
        {
            "networks.py": assignment.folder / f"oracle_{framework}.py",
            "weights.py": assignment.folder / "oracle_weights.py",
            "forward_pass.py": assignment.folder / "oracle_numpy.py",
        },
        only=computed,
    )
    lost = {r.criterion_id: r.feedback for r in report.results if r.verdict is not Verdict.PASS}
    assert not lost
    assert {r.criterion_id for r in report.results} == set(computed)


@pytest.mark.parametrize("framework", ["pytorch", "keras"])
@pytest.mark.parametrize("notebook", [False, True])
def test_an_untouched_starter_earns_nothing(framework, notebook, hand_in, assignment):
    starter = assignment.folder / "starter"
    if notebook:
        files = {"cnn_in_numpy.ipynb": starter / framework / "cnn_in_numpy.ipynb"}
    else:
        files = {"networks.py": starter / framework / "networks.py", "forward_pass.py": starter / "forward_pass.py"}
    report = hand_in(files)
    verdicts = {r.criterion_id: (r.verdict, r.feedback.summary, r.private) for r in report.results}
    assert report.score.awarded == 0, verdicts
    assert Verdict.GRADER_FAULT not in {verdict for verdict, _, _ in verdicts.values()}, verdicts
    unfinished = next(r for r in report.results if r.criterion_id == "numpy_pass.convolution")
    assert unfinished.verdict is Verdict.CRASH
    assert "convolution is still to be written" in unfinished.feedback.summary


@pytest.mark.parametrize("framework", ["torch", "keras"])
def test_the_weights_that_are_taken_out_are_those_that_the_pass_needs(framework, request, oracle, assignment):
    networks = request.getfixturevalue(f"{framework}_networks")
    network = oracle("cnn_in_numpy", networks).build_shallow_cnn(seed=4)
    passing = load_module(assignment.folder / "oracle_numpy.py")
    found = load_module(assignment.folder / "oracle_weights.py").network_weights(network)
    if framework == "torch":
        expected = passing.weights_from_torch([values.numpy() for values in network.state_dict().values()])
    else:
        expected = passing.weights_from_keras(network.get_weights())
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array, err_msg=name)
