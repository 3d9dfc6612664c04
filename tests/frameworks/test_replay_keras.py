"""A Keras notebook as students hand them in, replayed quick: one worker, many questions."""

import pytest

from grader.checks.registry import KINDS
from grader.course.load import load
from grader.recording.events import FigureSeen, Measured, ModelSeen, Note, Seeded, Trained, WeightsMoved
from grader.results import Evidence, Verdict
from grader.session import Job, grade
from grader.transplant.architecture import Activation, Dense, Dropout, Flatten, Network
from tests.frameworks.replays import ASKS, course, notebook

pytest.importorskip("keras")

NOTEBOOK = notebook(
    "%matplotlib inline\n!pip install tqdm\nfrom google.colab import drive\ndrive.mount('/content')",
    """\
import keras, numpy as np, matplotlib.pyplot as plt
from keras.layers.core import Dense, Dropout
from keras.layers import Flatten
from keras.models import Sequential
from keras.utils import np_utils
from tqdm import tqdm
np.random.seed(11)
from keras.datasets import fashion_mnist
(x, y), (x_test, y_test) = fashion_mnist.load_data()
x, x_test = x[..., None] / 255., x_test[..., None] / 255.
labels, test_labels = np_utils.to_categorical(y), np_utils.to_categorical(y_test)
x.shape, y.dtype, x_test.shape""",
    "#M # Multi-layer perceptron",
    """\
def build(rate=.5):
    return Sequential([Flatten(input_shape=(28, 28, 1)), Dense(16, activation='relu'), Dropout(rate),
                       Dense(12, activation='relu'), Dropout(rate), Dense(10, activation='softmax')])
mlp = build()
mlp.compile(loss='categorical_crossentropy', optimizer=keras.optimizers.Adam(lr=0.002), metrics=['accuracy'])
checkpoint = keras.callbacks.ModelCheckpoint('best.hdf5', monitor='val_acc', save_best_only=True)
history = mlp.fit(x[:50000], labels[:50000], batch_size=64, epochs=12, verbose=0, callbacks=[checkpoint],
                  validation_data=(x[50000:], labels[50000:]))
len(history.history['loss'])""",
    "plt.plot(range(1, 13), history.history['val_acc'], label='validation'); plt.title('MLP'); plt.legend()",
    "history.history['loss'][11]",
    "print(not_defined)",
    """\
mlp.load_weights('best.hdf5')
print(mlp.evaluate(x_test, test_labels, verbose=0)[1])
print((mlp.predict(x_test, verbose=0).argmax(1) == y_test).shape)""",
    """\
scores = []
for n in tqdm(range(30)):
    mlp.fit(x, labels, epochs=1, verbose=0)
    scores.append(n)
print(len(scores))""",
    "rate = float(input('rate'))",
    "build(rate)",
    "keras.datasets.cifar10.load_data()",
)


def reference() -> Network:
    import numpy as np

    def dense(n: int, m: int) -> Dense:
        return Dense(kernel=np.zeros((n, m)), bias=np.zeros(m))

    relu, dropout = Activation(function="relu"), Dropout(rate=0.5)
    hidden = (dense(784, 16), relu, dropout, dense(16, 12), relu, dropout)
    return Network((28, 28, 1), (Flatten(), *hidden, dense(12, 10)))


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keras_replay")
    root = course(folder / "course", ASKS, reference())
    submission = folder / "somebody"
    submission.mkdir()
    (submission / "hw.ipynb").write_text(NOTEBOOK)
    return grade(load(root, KINDS), Job(submission, assignment="two", replay="quick"))


@pytest.fixture(scope="module")
def cells(report):
    (recording,) = report.recordings
    assert recording.problem == ""
    return {cell.number: cell for cell in recording.cells}


def events(cell, kind):
    return [event for event in cell.events if isinstance(event, kind)]


def test_each_cell_is_told_with_whose_failure_it_is(cells):
    told = {number: (cell.status, cell.cause) for number, cell in cells.items()}
    assert told == {
        1: ("ran", ""),
        2: ("ran", ""),
        4: ("ran", ""),
        5: ("ran", ""),
        6: ("failed", "budget"),
        7: ("failed", "code"),
        8: ("ran", ""),
        9: ("ran", ""),
        10: ("failed", "surroundings"),
        11: ("failed", "surroundings"),
        12: ("failed", "surroundings"),
    }
    assert cells[11].because_of == 10
    assert (cells[7].failure.kind, cells[7].failure.line) == ("NameError", 1)


def test_what_is_not_run_and_what_is_old_is_noted(cells):
    notes = {(number, note.kind, note.text) for number, cell in cells.items() for note in events(cell, Note)}
    assert (1, "not-run", "!pip install tqdm") in notes
    assert (1, "not-run", "google.colab.drive.mount") in notes
    assert (2, "old-spelling", "keras.layers.core is keras.layers today") in notes
    assert (4, "old-spelling", "Adam(lr=…) is called learning_rate in Keras 3") in notes
    assert any(kind == "old-spelling" and "best.hdf5" in text for _, kind, text in notes)
    assert (5, "old-spelling", "history['val_acc'] is called 'val_accuracy' in Keras 3") in notes
    assert any(kind == "no-data" and "cifar10" in text for _, kind, text in notes)


def test_data_have_the_shapes_and_types_of_the_originals(cells):
    assert "((60000, 28, 28, 1), dtype('uint8'), (10000, 28, 28, 1))" in cells[2].printed
    assert [(seed.what, seed.value) for seed in events(cells[2], Seeded)] == [("numpy", "11")]


def test_a_training_is_told_as_it_was_asked_for_and_as_it_ran(cells):
    (training,) = events(cells[4], Trained)
    assert (training.by, training.batch_size, training.epochs_asked, training.epochs_run) == ("fit", 64, 12, 2)
    assert (training.steps_asked, training.steps_run, training.steps_before) == (782, 20, 0)
    assert (training.optimizer.kind, training.optimizer.settings["learning_rate"]) == ("Adam", "0.002")
    assert training.loss == "categorical_crossentropy"
    assert training.inputs.shape == (50000, 28, 28, 1)
    assert (training.inputs.low, training.inputs.high) == (0.0, 1.0)
    assert training.inputs.share_from("train") == 1.0
    assert training.validation.source == "data"
    assert training.validation.inputs.share_from("test") == 0.0
    assert [callback.kind for callback in training.callbacks] == ["ModelCheckpoint"]
    assert len(training.history["val_accuracy"]) == 2
    assert cells[4].printed.strip() == "2"
    assert cells[4].cuts


def test_a_model_is_told_by_its_layers(cells):
    (model,) = {event.model: event for event in events(cells[4], ModelSeen)}.values()
    assert model.names == ("mlp",)
    assert [layer.kind for layer in model.layers] == ["Flatten", "Dense", "Dropout", "Dense", "Dropout", "Dense"]
    assert model.layers[2].settings["rate"] == "0.5"
    assert model.parameters == 784 * 16 + 16 + 16 * 12 + 12 + 12 * 10 + 10
    assert '"type":"dense"' in model.structure.replace(" ", "")


def test_a_plot_over_all_epochs_is_drawn_over_those_that_ran(cells):
    (figure,) = events(cells[5], FigureSeen)
    (axes,) = figure.axes
    assert (axes.title, axes.legend, axes.lines[0].points) == ("MLP", ("validation",), 2)


def test_weights_and_measures_are_told_in_order(cells):
    kinds = [type(event) for event in cells[8].events if not isinstance(event, Note)]
    assert kinds[:3] == [WeightsMoved, Measured, Measured]
    evaluated, predicted = events(cells[8], Measured)
    assert evaluated.inputs.share_from("test") == 1.0
    assert set(evaluated.values) == {"loss", "accuracy"}
    assert predicted.is_cut
    assert "(10000,)" in cells[8].printed


def test_a_loop_of_fits_is_ended_early(cells):
    assert cells[9].printed.strip().endswith("10")
    assert any("10 of 30 times" in cut for cut in cells[9].cuts)


def test_the_recording_answers_what_the_rubric_asks(report):
    results = {result.criterion_id.split(".")[1]: result for result in report.results}
    assert {name: result.verdict for name, result in results.items()} == dict.fromkeys(ASKS, Verdict.PASS)
    assert {result.evidence for result in results.values()} == {Evidence.OBSERVED}
    (binding,) = report.recordings[0].bindings
    assert (binding.model, binding.how[0]) == ("mlp", "structure")
