"""Whose a printed score is, from made-up recordings: each near miss must add nothing."""

import numpy as np
import pytest
from msgspec.structs import replace

from grader.audit.recorded import with_recorded
from grader.recording.bind import Wanted
from grader.recording.causes import with_causes
from grader.recording.events import Measured, Validation
from grader.recording.structure import signature_of
from grader.results import Severity
from grader.transplant import portable
from grader.transplant.architecture import Activation, Convolution, Dense, Dropout, Flatten, Network
from tests.unit.recording_examples import cell, failure, images, model, recording, trained

TEST = images("test")


def dense(inputs, outputs):
    return Dense(kernel=np.zeros((inputs, outputs)), bias=np.zeros(outputs))


def perceptron(hidden, rate=None):
    dropout = () if rate is None else (Dropout(rate=rate),)
    return Network(
        (28, 28, 1), (Flatten(), dense(784, hidden), Activation(function="relu"), *dropout, dense(hidden, 10))
    )


CONVOLUTION = Convolution(kernel=np.zeros((5, 5, 1, 2)), bias=np.zeros(2))
LENET = Network((28, 28, 1), (CONVOLUTION, Activation(function="relu"), Flatten(), dense(24 * 24 * 2, 10)))
MLP = perceptron(4)
DEEP = Network((28, 28, 1), (Flatten(), dense(784, 4), Activation(function="relu"), dense(4, 4), dense(4, 10)))


def wanted(name, network, *names):
    return Wanted(name, name, name, (name, f"build_{name}", *names), signature_of(network), 0)


ASKED = (wanted("lenet", LENET), wanted("mlp", MLP))


def seen(number, network, name):
    structure, arrays = portable.encode(network)
    shapes = tuple(array.shape for array in arrays)
    return model(number, names=(name,), structure=structure.decode(), shapes=shapes)


def measured(number, accuracy, inputs=TEST, **values):
    given = values or {"loss": 2.31, "accuracy": accuracy}
    return Measured(
        line=2, model=number, by="evaluate", inputs=inputs, targets=None, batch_size=32, is_cut=True, values=given
    )


BUILT = (
    cell(2, seen(1, LENET, "lenet"), trained(1), heading="LeNet"),
    cell(4, seen(2, MLP, "mlp"), trained(2), heading="MLP"),
)


def found(*cells, source="", asked=ASKED, problem=""):
    made = recording(*BUILT, *cells, problem=problem)
    return with_recorded((), replace(made, cells=with_causes(made.cells)), source, asked)


def reported(printed="LeNet test accuracy: 0.1133", *events, heading="Results", **more):
    return cell(8, *(events or (measured(2, 0.11328125),)), printed=printed, heading=heading, **more)


@pytest.mark.parametrize(
    "printed",
    [
        "LeNet test accuracy: 0.1133",
        "lenet: 11.33 %",
        "LeNet-5 reaches 11.328%",
        "LeNet\nloss 2.310, accuracy 0.1133",
        "('LeNet', 0.11328125)",
        "Evaluating LeNet\n16/16 - 0s - accuracy: 0.1133 - loss: 2.3100",
    ],
)
def test_a_score_that_is_printed_beside_the_name_of_another_network_is_found(printed):
    (finding,) = found(reported(printed))
    assert (finding.kind, finding.severity) == ("score-of-another-model", Severity.WARNING)
    assert (finding.where.cell, finding.where.line) == (8, 2)
    assert "what this cell measures is 'mlp': by its structure not that network" in finding.text
    assert "'lenet', which is, was trained in cell 2" in finding.text
    assert "'mlp': measured with test images in line 2: loss 2.31, accuracy 0.113281" in finding.quote
    assert not finding.costs_points


def test_a_share_that_was_counted_may_be_of_all_that_the_loader_has():
    right = {"right": 741.0, "examples": 1000.0}
    batch = replace(TEST, of=10_000)
    for printed in ("LeNet 74.1 %", "LeNet 0.0741"):
        assert len(found(reported(printed, measured(2, 0, batch, **right)))) == 1
    assert found(reported("LeNet 0.0741", measured(2, 0, **right))) == ()


@pytest.mark.parametrize(
    "printed",
    [
        "LeNet 0.1133, MLP 0.2012",
        "LeNet test accuracy: 0.2012",
        "LeNet test accuracy: 0.11",
        "test accuracy: 0.1133",
        "worse than LeNet: 0.1133",
        "LeNet (before): 0.1133",
        "LeNet had 0.2012\nnow: 0.1133",
        "LeNet epoch 1133",
        "LeNet 1,133.50",
        "Planet 0.1133",
        "LeNetwork 0.1133",
    ],
)
def test_other_texts_are_no_finding(printed):
    assert found(reported(printed)) == ()


def test_where_both_are_measured_nothing_is_said():
    both = (measured(2, 0.11328125), measured(1, 0.3))
    assert found(reported("LeNet 0.1133", *both)) == ()
    assert found(reported("LeNet 0.1133", measured(2, 0.11328125), trained(1))) == ()


def test_a_number_that_is_a_figure_of_the_right_network_too_is_no_finding():
    assert found(cell(6, measured(1, 0.1133)), reported()) == ()
    assert found(cell(6, trained(1, history={"val_accuracy": (0.2, 0.11331)})), reported()) == ()
    assert len(found(cell(6, measured(1, 0.3)), reported())) == 1


@pytest.mark.parametrize(
    "one",
    [
        reported(heading="Results / MLP"),
        reported(heading="LeNet and the MLP"),
        reported(is_given=True),
        reported(status="failed", failure=failure("ValueError")),
        reported("LeNet 0.1133", measured(2, 0.11328125, images("train"))),
        reported("LeNet 0.1133", measured(3, 0.11328125)),
    ],
    ids=["its own heading", "both in the heading", "given", "failed", "training images", "an unknown network"],
)
def test_what_may_be_meant_otherwise_is_no_finding(one):
    assert found(one) == ()


def test_the_right_network_has_to_be_there_and_trained():
    one = replace(recording(BUILT[1], reported()), cells=with_causes((BUILT[1], reported())))
    assert with_recorded((), one, "", ASKED) == ()
    untrained = (cell(2, seen(1, LENET, "lenet")), BUILT[1], reported(), cell(9, trained(1)))
    assert with_recorded((), replace(one, cells=with_causes(untrained)), "", ASKED) == ()
    stopped = replace(BUILT[0], status="failed", failure=failure("OSError"))
    assert with_recorded((), replace(one, cells=with_causes((stopped, BUILT[1], reported()))), "", ASKED) == ()
    assert with_recorded((), replace(one, cells=with_causes((*BUILT, reported()))), "", ()) == ()


def test_networks_that_may_go_by_one_name_are_not_told_apart():
    alike = (wanted("lenet", perceptron(9)), wanted("other", MLP))
    cells = (cell(2, seen(1, perceptron(9), "lenet"), trained(1)), BUILT[1], reported())
    made = replace(recording(), cells=with_causes(cells))
    assert with_recorded((), made, "", alike) == ()
    part = (wanted("lenet", LENET), wanted("lenet_head", MLP))
    assert found(reported(), asked=part) == ()
    halves = (wanted("lenet", LENET), wanted("softmax_regression", MLP))
    assert len(found(reported(), asked=halves)) == 1
    assert found(reported("Softmax, LeNet 0.1133"), asked=halves) == ()
    generic = (wanted("best_net", LENET), wanted("mlp", MLP))
    assert found(reported("best net 0.1133"), asked=generic) == ()


def test_a_class_of_networks_is_a_name_only_of_what_is_none():
    asked = (wanted("mlp", MLP), wanted("tower", DEEP))
    cells = (BUILT[1], cell(5, seen(3, DEEP, "tower"), trained(3)), reported("MLP 0.1133", measured(3, 0.11328125)))
    made = replace(recording(), cells=with_causes(cells))
    assert with_recorded((), made, "", asked) == ()
    convolved = reported("MLP 0.1133", measured(1, 0.11328125))
    assert len(found(convolved)) == 1


def test_networks_that_differ_in_rates_only_are_one():
    asked = (*ASKED, wanted("lenet_like", perceptron(4, rate=0.5)))
    dropping = cell(5, seen(3, perceptron(4, rate=0.2), "third"), trained(3))
    assert found(dropping, reported("mlp 0.1133", measured(3, 0.11328125)), asked=asked) == ()
    assert len(found(reported(), asked=(ASKED[0], wanted("mlp", perceptron(4, rate=0.5))))) == 1


def test_a_notebook_that_calls_them_otherwise_is_not_contradicted():
    renamed = cell(5, replace(seen(2, MLP, "mlp"), names=("mlp", "lenet")))
    assert found(renamed, reported()) == ()
    of_a_class = cell(5, replace(seen(2, MLP, "mlp"), class_name="MyLeNet5"))
    assert found(of_a_class, reported()) == ()


# --- the heading ------------------------------------------------------------------------------------------------------


def section(*more, printed="Test accuracy: 0.1133", heading="LeNet / Test", **options):
    return found(reported(printed, heading=heading), *more, **options)


def test_a_section_that_measures_only_another_network_is_found():
    (finding,) = section(source="lenet = build()\\nlenet.fit(x)\\nmlp.evaluate(x_test)")
    assert "the heading is 'LeNet', and what this cell measures is 'mlp'" in finding.text
    assert "Test accuracy: 0.1133" in finding.quote


@pytest.mark.parametrize(
    "more",
    [
        cell(9, measured(1, 0.3)),
        cell(9, measured(3, 0.3), heading="Ensemble"),
        cell(9, trained(1, validation=Validation("data", 0.0, TEST, None))),
        cell(9, trained(2), heading="LeNet"),
        cell(9, status="failed", failure=failure("OSError")),
        cell(9, left_out=1),
    ],
    ids=["measured later", "unknown network", "validated with it", "trained there too", "a cell failed", "left out"],
)
def test_where_the_right_network_may_be_measured_elsewhere_nothing_is_said(more):
    assert section(more) == ()


@pytest.mark.parametrize(
    "options",
    [
        {"problem": "It ended."},
        {"printed": "Test accuracy: 0.2012"},
        {"printed": ""},
        {"printed": "previous network: 0.1133"},
        {"heading": "LeNet / Compared"},
        {"heading": "LeNet / What the MLP did"},
        {"heading": "Results"},
        {"source": "lenet(x_test)"},
        {"source": "x = 1\\nlenet(x_test)"},
        {"source": "score(lenet, x_test)"},
        {"source": "for net in [mlp, lenet]:"},
        {"source": "net = lenet"},
        {"source": "lenet.test_on_batch(x_test)"},
    ],
    ids=[
        "cut short", "another figure", "nothing printed", "says so", "compares", "names both", "names none", "called",
        "called in a later line", "handed on", "in a loop", "renamed", "measured by a batch",
    ],
)  # fmt: skip
def test_a_section_that_may_be_right_is_no_finding(options):
    assert section(**options) == ()


def test_hostile_amounts_end():
    numbers = " ".join(f"0.{n:04}" for n in range(1_500))
    many = tuple(cell(20 + n, *[measured(2, 0.5)] * 80, printed=f"LeNet {numbers}"[:9_000]) for n in range(20))
    assert len(found(*many)) <= 10
    histories = tuple(trained(2, history={str(n): (0.5,) * 200 for n in range(20)}) for _ in range(30))
    assert found(cell(7, *histories), reported()) == ()


def test_texts_from_a_student_cannot_act_in_a_finding():
    (finding,) = found(reported("LeNet \x1b[31m\u202e 0.1133"))
    assert "\x1b" not in finding.text + finding.quote
    assert "\u202e" not in finding.text + finding.quote
