"""Findings about training loops of PyTorch from made-up recordings, and each near miss that must add nothing."""

import pytest
from msgspec.structs import replace

from grader.audit.recorded import with_recorded
from grader.recording.causes import with_causes
from grader.recording.events import Measured, OptimizerFacts, RecordedLayer, RightAnswers, Watched
from grader.results import Severity
from tests.unit.recording_examples import cell, failure, images, model, moved, recording, trained

TEST = replace(images("test"), of=10_000)
HELD_OUT = replace(images("train"), of=10_000)
KEPT = replace(
    moved("saved"), path="best.pt", condition="score > best", compared={"score": 0.0227, "best": 0.01}, line=9
)


def found(*cells, source="", **more):
    made = recording(*cells, **more)
    return with_recorded((), replace(made, cells=with_causes(made.cells)), source)


def kinds(*cells, **more):
    return [finding.kind for finding in found(*cells, **more)]


def watched(inputs=TEST, right=227, examples=1_000, resumed=1, batches=10, **more):
    rounds = (RightAnswers(100, examples), RightAnswers(right, examples)) if right else ()
    return Watched(line=7, inputs=inputs, batches=batches, rounds=rounds, resumed=resumed, **more)


def loop(*passes, number=1, **more):
    facts = {"by": "loop", "steps_run": 20, "watched": passes, "callbacks": ()}
    return trained(number, **(facts | more))


def forward(number=1, inputs=TEST, batches=10, **more):
    return Measured(
        line=2, model=number, by="forward", inputs=inputs, targets=None, batch_size=100, is_cut=True, values={},
        batches=batches, **more,
    )  # fmt: skip


def net(number=1, *kinds_and_rates, **more):
    layers = tuple(
        RecordedLayer(kind, kind.lower(), {"p": rate} if rate else {}, "", 10) for kind, rate in kinds_and_rates
    )
    return model(number, framework="torch", class_name="Net", layers=layers, names=("net",), **more)


# --- the test set between the steps -----------------------------------------------------------------------------------


def test_training_that_goes_on_after_the_test_set_is_watching_it():
    (finding,) = found(cell(4, net(), loop(watched(resumed=3))))
    assert (finding.kind, finding.severity, finding.where.line) == ("test-as-validation", Severity.NOTE, 7)
    assert "its training goes on, 3 times by the steps of the same optimizer." in finding.text
    assert "of a loader's 10,000" in finding.quote


@pytest.mark.parametrize("score", [0.0227, 2.27, 0.227, 22.7])
def test_weights_that_are_kept_by_a_score_of_the_test_set_were_chosen_by_it(score):
    kept = replace(KEPT, compared={"score": score, "best": 0.5})
    (finding,) = found(cell(4, net(), kept, loop(watched())))
    assert (finding.kind, finding.severity) == ("test-for-selection", Severity.WARNING)
    assert f"'score' was {score:g}, which is 227 right of 1,000 of these images" in finding.text


@pytest.mark.parametrize(
    "events",
    [
        [replace(KEPT, compared={"score": 0.31})],
        [replace(KEPT, condition="", compared={})],
        [replace(KEPT, model=2)],
        [replace(KEPT, compared={"score": 0.9}), KEPT],
        [KEPT, loop()],
    ],
    ids=["another figure", "every epoch", "another network", "once by accident", "an earlier training"],
)
def test_weights_that_are_kept_by_something_else_were_not_chosen_by_it(events):
    assert kinds(cell(4, net(), *events, loop(watched()))) == ["test-as-validation"]


def test_a_figure_that_is_also_one_of_the_validation_set_chooses_nothing():
    assert kinds(cell(4, net(), KEPT, loop(watched(), watched(HELD_OUT)))) == ["test-as-validation"]
    assert kinds(cell(4, net(), KEPT, loop(watched(), watched(HELD_OUT, right=230)))) == ["test-for-selection"]


@pytest.mark.parametrize(
    ("event", "source"),
    [
        (loop(watched(resumed=0)), ""),
        (loop(watched(replace(TEST, of=5_000))), ""),
        (loop(watched(replace(TEST, of=0))), ""),
        (loop(watched(HELD_OUT)), ""),
        (loop(watched(replace(TEST, origins={"rows": 32, "mnist test": 31, "unknown": 1}))), ""),
        (loop(watched()), "net.apply(fresh)"),
        (loop(watched()), "nn.init.zeros_(net.weight)"),
    ],
    ids=["a loop around trainings", "half of it", "no loader", "held out", "unknown", "new weights", "initialized"],
)
def test_other_images_between_the_steps_are_no_finding(event, source):
    assert kinds(cell(4, net(), KEPT, event), source=source) == []


def test_names_of_modules_and_constructors_give_no_new_weights():
    source = "from torch.utils.data import DataLoader\nsuper().__init__()\noptimizer.zero_grad()"
    assert kinds(cell(4, net(), loop(watched())), source=source) == ["test-as-validation"]


# --- the best weights -------------------------------------------------------------------------------------------------

TRAINING = loop(watched(HELD_OUT, right=0))
STOPPED = cell(5, status="failed", failure=failure("OSError"))
FEW = replace(TEST, shape=(10, 784))


def test_the_best_weights_of_a_loop_that_nothing_loads_are_found():
    (finding,) = found(cell(4, net(), KEPT, TRAINING), cell(6, forward()))
    assert (finding.kind, finding.where.cell, finding.where.line) == ("checkpoint-never-loaded", 4, 9)
    assert "saved where 'score > best' held, cell 6 measured it" in finding.text
    assert "saved: best.pt" in finding.quote


@pytest.mark.parametrize(
    ("cells", "source"),
    [
        ([cell(4, net(), KEPT, TRAINING), cell(5, moved("loaded")), cell(6, forward())], ""),
        ([cell(4, net(), KEPT, TRAINING), cell(5, moved("loaded", 7)), cell(6, forward())], ""),
        ([cell(4, net(), KEPT, TRAINING), cell(6, forward()), cell(7, moved("loaded"))], ""),
        ([cell(4, net(), KEPT, TRAINING), cell(6, forward(inputs=HELD_OUT))], ""),
        ([cell(4, net(), KEPT, TRAINING), cell(6, forward(batches=1, inputs=FEW))], ""),
        ([cell(4, net(), KEPT, TRAINING), cell(5, replace(TRAINING, steps_before=20)), cell(6, forward())], ""),
        ([cell(4, net(), replace(KEPT, condition="epoch > 3"), TRAINING), cell(6, forward())], ""),
        ([cell(4, net(), moved("saved"), TRAINING), cell(6, forward())], ""),
        ([cell(4, net(), KEPT, TRAINING), cell(6, forward(), forward(2), net(2))], ""),
        ([cell(4, net(), KEPT, TRAINING), cell(6, forward())], "p.copy_(q)"),
        ([cell(4, net(), KEPT, TRAINING), cell(5, left_out=1), cell(6, forward())], ""),
        ([cell(4, net(), KEPT, TRAINING), STOPPED, cell(6, forward())], ""),
        ([cell(4, net(), KEPT, TRAINING, is_given=True), cell(6, forward())], ""),
    ],
    ids=[
        "loaded", "loaded into another", "loaded later", "no test", "a look at some pictures", "trained again",
        "not the best", "every epoch", "a copy is measured", "copied by hand", "events left out", "a cell failed",
        "a given cell",
    ],
)  # fmt: skip
def test_weights_that_may_have_been_used_are_no_finding(cells, source):
    assert kinds(*cells, source=source) == []


# --- trained further --------------------------------------------------------------------------------------------------

SGD = OptimizerFacts("SGD", {"learning_rate": "0.1"})


def test_a_network_of_pytorch_that_another_optimizer_goes_on_with_is_found():
    (finding,) = found(cell(4, net(), loop()), cell(5, loop(optimizer=SGD, steps_before=20)))
    assert (finding.kind, finding.where.cell) == ("training-continued", 5)
    assert "when this training began, was trained by another optimizer" in finding.text


@pytest.mark.parametrize(
    ("then", "source"),
    [
        (loop(optimizer=SGD, steps_before=11), ""),
        (loop(optimizer=SGD, steps_before=0), ""),
        (loop(steps_before=20), ""),
        (loop(steps_before=20, loss="NLLLoss"), ""),
        (loop(steps_before=20, optimizer=OptimizerFacts("Adam", {"learning_rate": "0.0001"})), ""),
        (loop(steps_before=20, optimizer=SGD, inputs=replace(images(), origins={"rows": 4, "other train": 4})), ""),
        (loop(optimizer=SGD, steps_before=20), "Fine-tuning with SGD"),
        (loop(optimizer=SGD, steps_before=20), "model.apply(fresh)"),
    ],
    ids=["in turns", "new", "the same", "a loss as a function", "lower", "other images", "on purpose", "new weights"],
)
def test_a_loop_that_may_be_meant_to_go_on_is_no_finding(then, source):
    assert kinds(cell(4, net(), loop()), cell(5, then), source=source) == []


# --- the mode of the layers -------------------------------------------------------------------------------------------

ACTING = ("BatchNorm1d", "Dropout")


def test_test_images_in_training_mode_are_found_after_a_training_and_within_one():
    for events in ([forward(acting=ACTING)], [loop(watched(resumed=0, right=0, acting=ACTING))]):
        (finding,) = found(cell(4, net(), *events))
        assert (finding.kind, finding.severity) == ("evaluated-in-training-mode", Severity.WARNING)
        assert "while BatchNorm1d and Dropout behaved as in training" in finding.text
        assert "drops values at random" in finding.text
        assert "other images of the batch" in finding.text


@pytest.mark.parametrize(
    ("events", "source"),
    [
        ([forward()], ""),
        ([forward(acting=ACTING), forward()], ""),
        ([loop(watched(resumed=0, right=0)), forward(acting=ACTING)], ""),
        ([forward(acting=ACTING, inputs=HELD_OUT)], ""),
        ([forward(acting=ACTING, batches=1, inputs=replace(TEST, shape=(10, 784)))], ""),
        ([forward(acting=ACTING)], "# Monte Carlo dropout"),
        ([forward(acting=ACTING)], "how uncertain it is"),
    ],
    ids=["switched", "both", "both, one in a loop", "training images", "ten pictures", "on purpose", "uncertainty"],
)
def test_a_pass_that_is_right_or_meant_is_no_finding(events, source):
    assert kinds(cell(4, net(), *events), source=source) == []
    assert kinds(cell(4, net(), forward(acting=ACTING), is_given=True)) == []


DROPPING = net(1, ("Linear", ""), ("Dropout", "0.5"))


def test_training_with_the_layers_off_after_a_measuring_is_found():
    (finding,) = found(cell(3, DROPPING), cell(4, loop(watched(HELD_OUT, right=0), in_evaluation_mode=10)))
    assert finding.kind == "trained-in-evaluation-mode"
    assert "10 of the 20 batches that 'net' was trained with went through in evaluation mode; it has Dropout." in (
        finding.text
    )


@pytest.mark.parametrize(
    ("network", "event", "source"),
    [
        (DROPPING, loop(watched(HELD_OUT, right=0)), ""),
        (DROPPING, loop(watched(HELD_OUT, right=0), in_evaluation_mode=20), ""),
        (DROPPING, loop(in_evaluation_mode=10), ""),
        (DROPPING, loop(watched(HELD_OUT, right=0), in_evaluation_mode=10), "the averages are frozen"),
        (net(1, ("Linear", "")), loop(watched(HELD_OUT, right=0), in_evaluation_mode=10), ""),
        (net(1, ("Dropout", "0")), loop(watched(HELD_OUT, right=0), in_evaluation_mode=10), ""),
    ],
    ids=["none", "all of them", "nothing measured", "on purpose", "no such layer", "a rate of zero"],
)
def test_training_in_a_mode_that_may_be_meant_or_changes_nothing_is_no_finding(network, event, source):
    assert kinds(cell(3, network), cell(4, event), source=source) == []


@pytest.mark.parametrize(
    "events",
    [
        [loop(watched(code_cell=2))],
        [replace(KEPT, code_cell=2), TRAINING, forward()],
        [forward(acting=ACTING, code_cell=2)],
        [DROPPING, loop(watched(HELD_OUT, right=0), in_evaluation_mode=10, code_cell=2)],
        [DROPPING, loop(watched(HELD_OUT, right=0, code_cell=2), in_evaluation_mode=10)],
    ],
    ids=["watching", "saving", "measuring", "training", "measuring between"],
)
def test_what_a_function_of_a_given_cell_does_is_held_against_nobody(events):
    network = () if DROPPING in events else (net(),)
    assert kinds(cell(2, is_given=True), cell(4, *network, *events)) == []
    assert len(kinds(cell(2), cell(4, *network, *events))) == 1


def test_hostile_conditions_and_names_cannot_act_in_a_finding():
    kept = replace(KEPT, condition="\x1b[31m > best", compared={"\u202ex": 0.227})
    (finding,) = found(cell(4, net(), kept, loop(watched())))
    assert "\x1b" not in finding.text
    assert "\u202e" not in finding.text
