"""What a recording answers: yes, no, and when it must not say no."""

import json

import pytest

from grader.recording import questions
from grader.recording.events import Note, OptimizerFacts, Validation
from grader.recording.questions import Known, Subject
from tests.unit.recording_examples import callback, cell, failure, images, measured, model, moved, recording, trained


def ask(question, *cells, wanted=(), **more):
    return question(Subject(recording(*cells, **more), "nets", "lenet"), *wanted)


@pytest.mark.parametrize(
    ("question", "wanted", "known"),
    [
        (questions.batch_size, 128, Known.YES),
        (questions.batch_size, 64, Known.NO),
        (questions.optimizer, "adam", Known.YES),
        (questions.optimizer, "SGD", Known.NO),
        (questions.learning_rate, 1e-3, Known.YES),
        (questions.learning_rate, 1e-2, Known.NO),
        (questions.epochs, 20, Known.YES),
        (questions.epochs, 2, Known.NO),
        (questions.loss, "cross entropy", Known.YES),
        (questions.loss, "categorical_crossentropy", Known.YES),
        (questions.loss, "mse", Known.NO),
    ],
)
def test_how_it_was_trained(question, wanted, known):
    answer = ask(question, cell(4, trained()), wanted=(wanted,))
    assert answer.known is known
    assert "cell 4, line 3" in answer.text


@pytest.mark.parametrize(
    ("found", "wanted", "known"),
    [
        ("sparse_categorical_crossentropy", "cross entropy", Known.YES),
        ("CrossEntropyLoss", "categorical_crossentropy", Known.YES),
        ("NLLLoss", "cross entropy", Known.YES),
        ("MSELoss", "mean squared error", Known.YES),
        ("binary_crossentropy", "cross entropy", Known.NO),
        ("my_loss", "cross entropy", Known.OPEN),
        ("", "cross entropy", Known.OPEN),
    ],
)
def test_losses_go_by_many_names(found, wanted, known):
    assert ask(questions.loss, cell(4, trained(loss=found)), wanted=(wanted,)).known is known


def test_an_optimizer_of_the_student_s_own_may_be_any():
    own = trained(optimizer=OptimizerFacts("MyAdam", {}))
    assert ask(questions.optimizer, cell(4, own), wanted=("Adam",)).known is Known.OPEN


def test_a_loop_around_fit_asks_for_an_epoch_at_a_time():
    turns = [trained(epochs_asked=1, steps_before=steps) for steps in (0, 10, 20)]
    assert ask(questions.epochs, cell(4, *turns), wanted=(3,)).known is Known.OPEN


def test_the_main_training_is_the_one_that_asked_for_the_most_epochs():
    main, attempt = trained(epochs_asked=20), trained(epochs_asked=1, batch_size=32)
    assert ask(questions.batch_size, cell(4, main), cell(5, attempt), wanted=(128,)).known is Known.YES
    again = trained(epochs_asked=20, batch_size=32)
    assert ask(questions.batch_size, cell(4, main), cell(5, again), wanted=(128,)).known is Known.NO


def test_a_learning_rate_that_a_callback_changes_is_not_known():
    changing = trained(callbacks=(callback("ReduceLROnPlateau", monitor="loss"),))
    assert ask(questions.learning_rate, cell(4, changing), wanted=(1e-3,)).known is Known.OPEN
    scheduled = trained(optimizer=OptimizerFacts("SGD", {"schedule": "ExponentialDecay"}))
    assert ask(questions.learning_rate, cell(4, scheduled), wanted=(1e-3,)).known is Known.OPEN


def test_what_was_not_seen_did_not_happen_only_where_every_cell_ran():
    assert ask(questions.batch_size, cell(4, model()), wanted=(128,)).known is Known.NO
    failed = cell(5, status="failed", failure=failure("ValueError"), cause="budget")
    assert ask(questions.batch_size, cell(4, model()), failed, wanted=(128,)).known is Known.OPEN
    assert ask(questions.batch_size, cell(4, model()), wanted=(128,), problem="It ended.").known is Known.OPEN
    assert ask(questions.batch_size, cell(4, model(), left_out=3), wanted=(128,)).known is Known.OPEN


def test_a_model_that_nothing_was_told_to_be_is_not_known():
    answer = ask(questions.batch_size, cell(4, trained()), wanted=(64,), numbers=())
    assert answer.known is Known.OPEN
    assert "No model in the recording" in answer.text


def test_trainings_of_other_models_play_no_part():
    assert ask(questions.batch_size, cell(4, trained(), trained(2, batch_size=1)), wanted=(128,)).known is Known.YES


# --- dropout ----------------------------------------------------------------------------------------------------------


def described(*layers):
    structure = [{"type": kind} if rate is None else {"type": kind, "rate": rate} for kind, rate in layers]
    return model(structure=json.dumps({"input_shape": [784], "layers": structure}))


DENSE, RELU = ("dense", None), ("activation", None)


@pytest.mark.parametrize(
    ("layers", "known", "words"),
    [
        ((DENSE, RELU, ("dropout", 0.5), DENSE, ("dropout", 0.5), RELU, DENSE), Known.YES, "follows each hidden"),
        ((DENSE, RELU, ("dropout", 0.5), DENSE, RELU, DENSE), Known.NO, "no dropout follows hidden layer 2 of 2"),
        ((DENSE, RELU, ("dropout", 0.2), DENSE), Known.NO, "a dropout of 0.2 follows hidden layer 1 of 1"),
        ((DENSE,), Known.OPEN, "cannot be read"),
    ],
)
def test_dropout_after_each_hidden_layer(layers, known, words):
    answer = ask(questions.dropout_after_hidden, cell(4, described(*layers)), wanted=(0.5,))
    assert answer.known is known
    assert words in answer.text


def test_the_order_of_modules_of_torch_is_not_the_order_of_the_data():
    undescribed = model(framework="torch", layers=())
    assert ask(questions.dropout_after_hidden, cell(4, undescribed), wanted=(0.5,)).known is Known.OPEN


@pytest.mark.parametrize("structure", ["{", "[]", '{"layers": 3}', '{"layers": [3]}', "[" * 100_000])
def test_a_forged_description_is_not_read(structure):
    answer = ask(questions.dropout_after_hidden, cell(4, model(structure=structure)), wanted=(0.5,))
    assert answer.known is Known.OPEN


# --- the test set -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("training", "known"),
    [
        (trained(), Known.YES),
        (trained(validation=Validation("split", 0.1, None, None)), Known.YES),
        (trained(validation=Validation("data", 0.0, images("train"), None)), Known.YES),
        (trained(validation=Validation("data", 0.0, images("test", rows=10_000), None)), Known.NO),
        (trained(validation=Validation("loop", 0.0, images("test"), None)), Known.OPEN),
        (trained(inputs=images("test")), Known.NO),
        (trained(validation=Validation("data", 0.0, None, None)), Known.OPEN),
        (trained(validation=Validation("data", 0.0, images("train", unknown=32), None)), Known.OPEN),
        (trained(inputs=images("train", unknown=20)), Known.OPEN),
        (trained(inputs=None), Known.OPEN),
    ],
)
def test_whether_the_test_set_was_kept_apart(training, known):
    assert ask(questions.test_set_kept_apart, cell(4, training)).known is known


def test_half_of_the_test_set_may_validate_if_the_other_half_tests():
    half = trained(validation=Validation("data", 0.0, images("test", rows=5_000, fingerprint="first"), None))
    assert ask(questions.test_set_kept_apart, cell(4, half, measured())).known is Known.OPEN
    same = trained(validation=Validation("loop", 0.0, images("test", rows=100), None))
    assert ask(questions.test_set_kept_apart, cell(4, same, measured())).known is Known.NO
    # with repeated rows, the other half of the test set looks the same
    note = Note(line=1, kind="repeated-data", text="mnist has 6,000 different training images here")
    assert ask(questions.test_set_kept_apart, cell(4, note, same, measured())).known is Known.OPEN


# --- the best weights -------------------------------------------------------------------------------------------------


def test_the_best_weights_were_reloaded():
    ends = (trained(), moved("saved"), moved("loaded"), measured())
    assert ask(questions.best_reloaded, cell(4, *ends)).known is Known.YES
    assert ask(questions.best_reloaded, cell(4, trained(), moved("saved"), measured())).known is Known.NO
    restoring = trained(callbacks=(callback("EarlyStopping", restore_best_weights="True"),))
    assert ask(questions.best_reloaded, cell(4, restoring), cell(5, measured())).known is Known.YES
    forgetting = trained(callbacks=(callback("EarlyStopping", restore_best_weights="False"),))
    assert ask(questions.best_reloaded, cell(4, forgetting), cell(5, measured())).known is Known.NO


def test_weights_loaded_too_late_or_before_training_do_not_count():
    assert ask(questions.best_reloaded, cell(4, trained(), measured(), moved("loaded"))).known is Known.NO
    both = (trained(), measured(), moved("loaded"), measured())
    assert ask(questions.best_reloaded, cell(4, *both)).known is Known.YES
    assert ask(questions.best_reloaded, cell(4, moved("loaded"), trained(), measured())).known is Known.NO
    assert (
        ask(questions.best_reloaded, cell(4, trained(), moved("loaded", by="callback"), measured())).known is Known.NO
    )


def test_a_model_loaded_from_a_file_counts_as_the_one_that_was_trained():
    cells = cell(4, trained(), moved("saved")), cell(5, moved("loaded", 2), measured(2))
    assert ask(questions.best_reloaded, *cells, numbers=(1, 2)).known is Known.YES


def test_without_a_measure_of_the_test_images_nothing_is_known():
    assert ask(questions.best_reloaded, cell(4, trained(), measured(part="train"))).known is Known.OPEN


def test_what_comes_after_another_training_is_not_about_the_main_one():
    later = trained(epochs_asked=1)
    assert (
        ask(questions.best_reloaded, cell(4, trained(), moved("loaded"), measured(), later, measured())).known
        is Known.YES
    )
    assert ask(questions.best_reloaded, cell(4, trained(), later, measured())).known is Known.OPEN
