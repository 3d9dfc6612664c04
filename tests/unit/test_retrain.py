"""What is said about retrained networks, on made-up observations; and what is worked out before one is trained."""

import msgspec
import numpy as np
import pytest

from grader.checks.retrain import RetrainOptions, RetrainSeen, constant_kernels, judge_one, misfit
from grader.course.model import ModelSpec, Part, Source
from grader.networks.cost import steps_per_example
from grader.networks.initial import initialized
from grader.oracle import budgets
from grader.oracle.budgets import Budget, Reached, Recorded
from grader.oracle.run import OracleError
from grader.results import Evidence, Verdict
from grader.transplant.architecture import Convolution, Dense, Flatten, Network, Pooling, ZeroPadding

CURVE = {"validation_accuracy": (0.4, 0.6)}
REACHED = (
    Reached("torch", "pytorch", (0.50, 0.52, 0.54, 0.51, 0.53, 0.52), CURVE, 1.0, "code", {"torch": "2"}),
    Reached("torch", "reference", (0.60, 0.62, 0.64, 0.61, 0.63, 0.62), CURVE, 1.0, "code", {"torch": "2"}),
)
RECORDED = Recorded(Budget("mlp", 2, 1000), "data", REACHED)


def seen(*accuracies, **more):
    curves = tuple((0.3, accuracy) for accuracy in accuracies)
    more = {"confirmed": True, **more}
    return RetrainSeen("build_mlp in a.py, line 1", "2 epochs on 1,000 images", accuracies, curves, REACHED, **more)


def test_the_median_decides():
    bound = REACHED[0].bound(3, 1e-3) - 0.02
    just_right = judge_one(seen(0.1, bound + 1e-6, 0.6), 0.02)
    just_wrong = judge_one(seen(0.1, bound - 1e-6, 0.6), 0.02)
    assert (just_right.verdict, just_right.evidence) == (Verdict.PASS, Evidence.VERIFIED)
    assert (just_wrong.verdict, just_wrong.fraction, just_wrong.evidence) == (Verdict.FAIL, 0.0, Evidence.VERIFIED)


def test_only_expected_holds_what_the_reference_reaches():
    feedback = judge_one(seen(0.1, 0.1, 0.2), 0.02).feedback
    assert any("0.620" in line for line in feedback.expected)
    assert not any("0.620" in line for line in (feedback.summary, *feedback.facts))
    assert "one in 1,000" in feedback.expected[-1]


def test_reasons_that_show_are_said():
    facts = " ".join(judge_one(seen(0.1, 0.1, None, constant=("3×3 convolution",), anew=True), 0.02).feedback.facts)
    for words in ("did not stay finite", "one value in all entries", "3×3 convolution", "trained already"):
        assert words in facts


def test_what_cannot_be_trained_waits_for_a_person_and_what_is_no_classifier_fails():
    unknown = RetrainSeen("build_mlp in a.py, line 1", "", why_not="Its layers could not be read: a skip", private="x")
    assert judge_one(unknown, 0.02).verdict is Verdict.NEEDS_REVIEW
    assert judge_one(unknown, 0.02).private == "x"
    wrong = RetrainSeen("build_mlp in a.py, line 1", "", misfit="It gives 12 values.")
    assert judge_one(wrong, 0.02).verdict is Verdict.FAIL


def test_options_that_make_no_sense_are_found():
    part = Part("p", "P", (), "", (), Source("r.yaml", 1), models=(ModelSpec("mlp", "build_mlp", (28, 28, 1), "x"),))
    assert not list(RetrainOptions(epochs=2, model="mlp").problems(points=1, part=part))
    assert [field for field, _ in RetrainOptions(epochs=2, seeds=2).problems(points=1, part=part)] == ["seeds"]
    assert [field for field, _ in RetrainOptions(epochs=2, model="cnn").problems(points=1, part=part)] == ["model"]


# --- networks ---------------------------------------------------------------------------------------------------------


def dense(inputs, outputs, **more):
    return Dense(kernel=np.zeros((inputs, outputs)), bias=np.zeros(outputs), **more)


def test_a_network_for_other_images_or_classes_is_told_before_it_is_trained():
    reference = Network((28, 28, 1), (Flatten(), dense(784, 10)))
    assert misfit(Network((784,), (dense(784, 10),)), reference) == ""
    assert "takes 1,024 values" in misfit(Network((1024,), (dense(1024, 10),)), reference)
    assert "gives 12 values for an image; there are 10" in misfit(Network((784,), (dense(784, 12),)), reference)


def test_steps_are_counted_padding_included():
    network = Network((4, 4, 1), (Convolution(kernel=np.zeros((3, 3, 1, 2))), Flatten(), dense(8, 5)))
    # input, output + input of the convolution + its products, the flatten, the dense layer
    assert steps_per_example(network) == 16 + (8 + 16 + 8 * 9) + (8 + 8) + (5 + 8 + 5 * 8)
    bomb = ((10**6, 10**6), (10**6, 10**6))
    pool = Pooling(reduction="maximum", size=(10**6, 10**6), strides=(10**6, 10**6))
    assert steps_per_example(Network((4, 4, 1), (ZeroPadding(padding=bomb), pool))) > 10**12


@pytest.mark.parametrize("how", ["keras", "pytorch"])
def test_initial_weights_have_the_frameworks_distribution(how):
    network = Network((8, 8, 3), (Convolution(kernel=np.ones((5, 5, 3, 40)), bias=np.ones(40)), Flatten()))
    drawn = initialized(network, np.random.default_rng(3), how).layers[0]
    bound = (6 / (75 + 1000)) ** 0.5 if how == "keras" else 75**-0.5
    assert drawn.kernel.dtype == np.float32
    assert 0.99 * bound < np.abs(drawn.kernel).max() <= bound
    assert abs(drawn.kernel.mean()) < 0.05 * bound
    assert (np.ptp(drawn.bias) > bound) == (how == "pytorch")
    assert (drawn.bias == 0).all() == (how == "keras")


def test_kernels_of_one_value_are_named():
    rng = np.random.default_rng(4)
    network = Network((4,), (Dense(kernel=rng.normal(size=(4, 3))), dense(3, 2)))
    assert len(constant_kernels(network)) == 1


# --- the record -------------------------------------------------------------------------------------------------------


def test_a_record_is_found_again(tmp_path):
    (tmp_path / "recorded").mkdir()
    (tmp_path / "recorded" / budgets.FILE).write_bytes(budgets.encode([RECORDED]))
    found = budgets.find(tmp_path, Budget("mlp", 2, 1000))
    assert found == RECORDED
    assert found.within("keras") == ()
    assert found.within(None) == REACHED


def test_a_budget_without_a_record_says_how_to_make_one(tmp_path):
    with pytest.raises(OracleError, match="nothing for mlp, 2 epochs on all images; make it: grader reference budgets"):
        budgets.find(tmp_path, Budget("mlp", 2, 0))


@pytest.mark.parametrize("content", [b"{", b'{"format": 1}', b'{"format": 2, "budgets": []}'])
def test_a_damaged_record_says_how_to_make_it_again(tmp_path, content):
    (tmp_path / "recorded").mkdir()
    (tmp_path / "recorded" / budgets.FILE).write_bytes(content)
    with pytest.raises(OracleError, match="make it: grader reference budgets"):
        budgets.read(tmp_path)


def test_an_experiment_that_is_not_there_is_named(root):
    folder = root / "reference" / "backprop_to_lenet"
    assert budgets.experiment_of(folder, "lenet").experiment.epochs == 10
    with pytest.raises(OracleError, match="has no experiment 'lenett'"):
        budgets.experiment_of(folder, "lenett")


def test_bounds_are_relative_to_the_spread():
    group = REACHED[0]
    shifted = msgspec.structs.replace(group, accuracies=tuple(a + 0.1 for a in group.accuracies))
    assert shifted.bound(3, 1e-3) == pytest.approx(group.bound(3, 1e-3) + 0.1)
