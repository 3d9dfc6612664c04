"""What a recording adds to the audit, and each near miss that must add nothing."""

import pytest
from msgspec.structs import replace

from grader.audit.recorded import MAX_EVENTS, with_recorded
from grader.recording.causes import with_causes
from grader.recording.events import Compiled, Failure, OptimizerFacts, RecordedLayer, Validation
from grader.results import Finding, Location, Severity
from tests.unit.recording_examples import callback, cell, failure, images, measured, model, moved, recording, trained

TEST = images("test", rows=10_000)
ALL = images("train", rows=60_000)
BEST = callback("ModelCheckpoint", monitor="val_loss", save_best_only="True")


def found(*cells, source="", before=(), **more):
    made = recording(*cells, **more)
    return with_recorded(before, replace(made, cells=with_causes(made.cells)), source)


def kinds(*cells, **more):
    return [finding.kind for finding in found(*cells, **more)]


def validated(data, **more):
    return trained(validation=Validation("data", 0.0, data, None), **more)


def pixels(inputs):
    return replace(inputs, low=0.0, high=255.0)


def layer(kind):
    return RecordedLayer(kind, kind.lower(), {}, "", 10)


def compiled(number=1):
    return Compiled(line=1, model=number, optimizer=OptimizerFacts("SGD", {}), loss="mse", metrics=())


# --- the test set in a training ---------------------------------------------------------------------------------------


def test_the_test_set_as_validation_is_seen_by_its_images():
    (finding,) = found(cell(4, model(), validated(TEST)))
    assert (finding.kind, finding.severity, finding.where) == (
        "test-as-validation", Severity.NOTE, Location("hw.ipynb", 3, 4),
    )  # fmt: skip
    assert finding.text.startswith("Seen while it ran: 'lenet' is validated with the images of the test set.")
    assert "(10000, 28, 28) float32, values from 0 to 1; of 32 images looked up: 32 mnist test" in finding.quote
    assert not finding.costs_points


@pytest.mark.parametrize(
    "chooser", [BEST, callback("EarlyStopping", monitor="val_loss"), callback("ReduceLROnPlateau", monitor="val_acc")]
)
def test_what_chooses_by_the_test_set_is_named(chooser):
    (finding,) = found(cell(4, validated(TEST, callbacks=(chooser,))))
    assert (finding.kind, finding.severity) == ("test-for-selection", Severity.WARNING)
    assert f"and {chooser.kind} chooses by it" in finding.text


@pytest.mark.parametrize(
    "monitor", [callback("EarlyStopping", monitor="loss"), callback("ModelCheckpoint", monitor="val_loss")]
)
def test_a_callback_that_chooses_by_nothing_of_it_is_not_named(monitor):
    assert kinds(cell(4, validated(TEST, callbacks=(monitor,)))) == ["test-as-validation"]


@pytest.mark.parametrize(
    "event",
    [
        validated(images("test", rows=5_000)),
        validated(images("test", rows=10_000, unknown=1)),
        validated(images("train", rows=10_000)),
        validated(replace(TEST, origins={})),
        validated(replace(TEST, origins={"rows": 32, "mnist test": 32, "mnist train": 2})),
        trained(by="loop", validation=Validation("loop", 0.0, TEST, None)),
        trained(validation=Validation("split", 0.2, None, None)),
    ],
    ids=["half of it", "a row is unknown", "training images", "own data", "in both sets", "a loop", "a split"],
)
def test_other_validation_is_no_finding(event):
    assert kinds(cell(4, event)) == []


def test_training_on_the_test_set_counts_only_if_it_is_measured_afterwards():
    on_test = trained(inputs=TEST)
    (finding,) = found(cell(4, on_test), cell(6, measured()))
    assert finding.kind == "train-test-overlap"
    assert "measured with images of it in cell 6" in finding.text
    assert kinds(cell(3, measured()), cell(4, on_test)) == []
    assert kinds(cell(4, on_test), cell(6, measured(2))) == []
    assert kinds(cell(4, on_test), cell(6, measured(part="train"))) == []
    assert kinds(cell(4, trained(inputs=images("test", rows=5_000))), cell(6, measured())) == []


def test_validation_with_training_images_needs_a_training_on_all_of_them():
    inside = images("train", rows=10_000)
    assert kinds(cell(4, validated(inside, inputs=ALL))) == ["train-test-overlap"]
    assert kinds(cell(4, validated(inside, inputs=images("train", rows=50_000)))) == []
    assert kinds(cell(4, trained(inputs=ALL))) == []


# --- values from 0 to 255 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["Dense", "Conv2D", "Linear"])
def test_pixels_that_reach_a_layer_that_computes_were_not_scaled(first):
    network = model(layers=(layer("Flatten"), layer(first)))
    finding, *others = found(cell(2, network), cell(4, trained(inputs=pixels(images()))), source="picture / 255")
    assert (finding.kind, others) == ("inputs-not-scaled", [])
    assert f"values from 0 to 255, and its first layer is {first}" in finding.text


@pytest.mark.parametrize("first", ["Rescaling", "BatchNormalization", "Normalization", "TrueDivide", "Lambda"])
def test_pixels_that_a_layer_may_scale_are_no_finding(first):
    network = model(layers=(layer(first), layer("Dense")))
    assert kinds(cell(2, network), cell(4, trained(inputs=pixels(images())))) == []


def test_pixels_are_no_finding_where_a_call_is_not_known_or_a_comparison_may_be_meant():
    network, raw = model(layers=(layer("Dense"),)), trained(inputs=pixels(images()))
    own = replace(network, class_name="LeNet")
    assert kinds(cell(2, own), cell(4, raw)) == []
    assert kinds(cell(2, network), cell(4, raw), cell(5, trained())) == []
    assert kinds(cell(2, network), cell(4, raw), cell(5, status="out of time"), source="x / 255") == []
    assert kinds(cell(2, network), cell(4, trained(inputs=replace(pixels(images()), origins={})))) == []


# --- weights ----------------------------------------------------------------------------------------------------------

SAVED = moved("saved", by="callback")
KEPT = trained(callbacks=(BEST,))


def test_the_best_checkpoint_that_nothing_loads_is_found():
    (finding,) = found(cell(4, model(), SAVED, KEPT), cell(6, replace(measured(), by="evaluate")))
    assert (finding.kind, finding.where.cell) == ("checkpoint-never-loaded", 4)
    assert "cell 6 measured it with the test images, and no cell loaded weights" in finding.text
    assert "best.h5" in finding.quote


@pytest.mark.parametrize(
    "cells",
    [
        [cell(4, SAVED, KEPT), cell(5, moved("loaded")), cell(6, measured())],
        [cell(4, SAVED, KEPT), cell(5, moved("loaded", 7)), cell(6, measured())],
        [cell(4, SAVED, KEPT), cell(6, measured()), cell(7, moved("loaded")), cell(8, measured())],
        [cell(4, SAVED, KEPT), cell(5, status="failed", failure=failure("ValueError")), cell(6, measured())],
        [cell(4, SAVED, KEPT), cell(5, left_out=1), cell(6, measured())],
        [cell(4, SAVED, KEPT), cell(5, trained()), cell(6, measured())],
        [cell(4, SAVED, KEPT), cell(6, measured(part="train"))],
        [cell(4, KEPT), cell(6, measured())],
        [cell(4, SAVED, replace(KEPT, callbacks=(BEST, callback("BringsItBack")))), cell(6, measured())],
        [
            cell(4, SAVED, replace(KEPT, callbacks=(BEST, callback("EarlyStopping", restore_best_weights="True")))),
            cell(6, measured()),
        ],
        [cell(4, SAVED, trained(callbacks=(callback("ModelCheckpoint", monitor="val_loss"),))), cell(6, measured())],
        [cell(4, SAVED, KEPT, is_given=True), cell(6, measured())],
    ],
    ids=[
        "loaded", "loaded into another network", "loaded later", "a cell failed", "events left out", "trained again",
        "no test", "nothing saved", "own callback", "restored", "every epoch saved", "a given cell",
    ],
)  # fmt: skip
def test_a_checkpoint_that_may_have_been_used_is_no_finding(cells):
    assert kinds(*cells) == []


def with_sgd(rate="0.01", **more):
    return trained(optimizer=OptimizerFacts("SGD", {"learning_rate": rate}), **({"steps_before": 20} | more))


def test_another_experiment_that_goes_on_with_trained_weights_is_found():
    (finding,) = found(cell(4, model(), trained()), cell(5, compiled(), with_sgd()))
    assert (finding.kind, finding.where.cell) == ("training-continued", 5)
    assert "'lenet' had been trained for 20 steps" in finding.text
    assert "before: Adam, learning rate 0.001" in finding.quote
    assert "now: SGD, learning rate 0.01" in finding.quote


@pytest.mark.parametrize(
    ("between", "then", "source"),
    [
        ((), with_sgd(), ""),
        ((compiled(), moved("loaded")), with_sgd(), ""),
        ((compiled(),), with_sgd(steps_before=0), ""),
        ((compiled(),), with_sgd(initial_epoch=20), ""),
        ((compiled(),), trained(steps_before=20), ""),
        ((compiled(),), trained(optimizer=OptimizerFacts("Adam", {"learning_rate": "1e-4"}), steps_before=20), ""),
        ((compiled(),), with_sgd(), "We continue with SGD."),
        ((compiled(),), with_sgd(), "layer.kernel.assign(fresh)"),
        ((compiled(2),), replace(with_sgd(), model=2), ""),
    ],
    ids=[
        "not compiled", "weights given", "nothing trained", "initial epoch", "same settings", "a lower rate",
        "on purpose", "assigned", "another network",
    ],
)  # fmt: skip
def test_training_that_may_be_meant_to_go_on_is_no_finding(between, then, source):
    assert kinds(cell(4, trained()), cell(5, *between, then), source=source) == []


# --- a name that is missing -------------------------------------------------------------------------------------------


def stopped(name, number=3, **more):
    return cell(number, status="failed", failure=failure("NameError", name=name), uses=(name,), **more)


def test_a_cell_that_only_ran_in_another_order_is_found():
    (finding,) = found(stopped("rate"), cell(9, defines=("rate",)))
    assert (finding.kind, finding.where) == ("name-before-definition", Location("hw.ipynb", 1, 3))
    assert "stops here for want of 'rate'; cell 9 below defines it" in finding.text
    assert "a line" in finding.quote


def test_a_name_that_is_only_formatted_is_bound_by_no_magic():
    source = """"print('%.2f' % rate)\\n", "%%time\\n", "print(rate)\\n\""""
    assert kinds(stopped("rate"), source=source) == ["name-never-defined"]


def test_a_name_that_no_cell_defines_is_found():
    (finding,) = found(cell(1), stopped("rate"))
    assert finding.kind == "name-never-defined"


@pytest.mark.parametrize(
    ("cells", "source"),
    [
        ([cell(1, defines=("rate",)), stopped("rate")], ""),
        ([cell(1, status="unreadable"), stopped("rate")], ""),
        ([stopped("rate"), cell(9, defines=("rate",), uses=("rate",))], ""),
        ([stopped("rate")], "from helper import *"),
        ([stopped("rate")], "%run setup.ipynb"),
        ([stopped("rate")], '"%%capture rate\\n",'),
        ([stopped("rate")], "x = 1\\n%time rate = sum(range(9))"),
        ([stopped("rate")], "def f():\n    global best, rate"),
        ([stopped("display")], ""),
        ([stopped("xrange")], ""),
        ([stopped("rate", is_given=True)], ""),
        ([cell(3, status="failed", failure=failure("NameError", name="rate"))], ""),
        ([cell(1, status="failed", failure=failure("ImportError"), defines=("rate",)), stopped("rate")], ""),
        ([cell(3, status="failed", failure=failure("FileNotFoundError"))], ""),
        ([cell(3, status="failed", failure=Failure("TypeError", ("Exception",), "no", 1, "f()"))], ""),
        ([cell(3, status="failed", failure=failure("ValueError"), cuts=("fit ran 2 steps",))], ""),
    ],
    ids=[
        "bound under a condition", "a cell cannot be read", "only changed", "star", "run", "captured", "timed",
        "global", "kernel", "Python 2", "given", "inside a function", "import failed", "no file", "a version may do it",
        "budget",
    ],
)  # fmt: skip
def test_a_failure_that_others_may_cause_is_no_finding(cells, source):
    assert kinds(*cells, source=source) == []


# --- together with the audit ------------------------------------------------------------------------------------------


def static(kind, number, text="As the source says.", path="hw.ipynb"):
    return Finding(kind, Severity.WARNING, text, Location(path, 2, number), "a line")


def test_a_finding_that_the_recording_confirms_says_so_and_is_not_doubled():
    for kind in ("test-as-validation", "test-for-selection"):
        (finding,) = found(cell(4, validated(TEST)), before=[static(kind, 4)])
        assert finding.kind == kind
        assert finding.text.startswith("As the source says. Seen while it ran: ")
        assert finding.quote.startswith("a line\nvalidation_data: ")


def test_a_checkpoint_is_confirmed_wherever_the_source_shows_it():
    (finding,) = found(cell(4, SAVED, KEPT), cell(6, measured()), before=[static("checkpoint-never-loaded", 2)])
    assert (finding.where.cell, "Seen while it ran" in finding.text) == (2, True)


@pytest.mark.parametrize(
    "other",
    [
        static("test-as-validation", 5),
        static("test-as-validation", 4, path="other.ipynb"),
        static("log-steps", 4),
    ],
)
def test_other_findings_stay_as_they_are(other):
    before, after = found(cell(4, validated(TEST)), before=[other])
    assert before == other
    assert after.kind == "test-as-validation"


def test_a_missing_name_confirms_only_a_finding_about_it():
    about_other = static("name-never-defined", 3, "'size' is used here.")
    assert len(found(stopped("rate"), before=[about_other])) == 2


def test_many_of_a_kind_and_hostile_lengths_end():
    many = [cell(number, validated(TEST)) for number in range(1, 40)]
    assert len(found(*many)) == 10
    loop = [cell(number, *[validated(TEST)] * 300) for number in range(1, MAX_EVENTS // 300 + 2)]
    assert found(*loop) == ()


def test_names_from_a_student_cannot_act_in_a_finding():
    (finding,) = found(cell(4, model(names=("a\x1b[31m\u202e",)), validated(TEST)))
    assert "\x1b" not in finding.text
    assert "\u202e" not in finding.text
    assert kinds(stopped("(", 3), source="global x") == ["name-never-defined"]
