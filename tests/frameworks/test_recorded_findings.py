"""A replayed notebook's findings in the report: what the source alone leaves open, and what it knew already."""

import pytest

from grader.checks.registry import KINDS
from grader.course.load import load
from grader.session import Job, grade
from tests.frameworks.replays import course, notebook

pytest.importorskip("keras")

NOTEBOOK = notebook(
    """\
import keras
from keras.datasets import mnist
(x, y), (x_test, y_test) = mnist.load_data()
def prepared(images):
    return images.reshape(-1, 28, 28, 1).astype('float32')
x, x_test = prepared(x), prepared(x_test)
def build(n):
    return keras.Sequential([keras.layers.Input((28, 28, 1)), keras.layers.Flatten(),
                             keras.layers.Dense(n, activation='relu'), keras.layers.Dense(10, activation='softmax')])
def trained(model, data, **options):
    return model.fit(x[:50000], y[:50000], epochs=3, verbose=0, validation_data=data, **options)
settings = dict(loss='sparse_categorical_crossentropy', metrics=['accuracy'])""",
    """\
mlp = build(8)
mlp.compile(optimizer='adam', **settings)
best = keras.callbacks.ModelCheckpoint('best.weights.h5', save_best_only=True, save_weights_only=True)
trained(mlp, (x_test, y_test), callbacks=[best])""",
    "print(mlp.evaluate(x_test, y_test, verbose=0))",
    """\
mlp.compile(optimizer='sgd', **settings)
trained(mlp, (x[50000:], y[50000:]))""",
    "print(width)",
    """\
other = build(4)
other.compile(optimizer='adam', **settings)
trained(other, (x[50000:], y[50000:]))
width = 4""",
)


@pytest.fixture(scope="module")
def findings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recorded_findings")
    root = course(folder / "course", {"apart": "{test_set_kept_apart: true}"})
    submission = folder / "somebody"
    submission.mkdir()
    (submission / "hw.ipynb").write_text(NOTEBOOK)
    job = Job(submission, assignment="two", replay="quick")
    return grade(load(root, KINDS), job).findings


def test_what_functions_hide_from_the_source_is_seen_while_it_runs(findings):
    seen = {(finding.kind, finding.where.cell) for finding in findings if "Seen while it ran: " in finding.text}
    assert seen == {
        ("test-for-selection", 2),
        ("inputs-not-scaled", 2),
        ("training-continued", 4),
        ("name-before-definition", 5),
    }


def test_what_the_source_shows_too_is_told_once(findings):
    (finding,) = [finding for finding in findings if finding.kind == "name-before-definition"]
    assert finding.text.startswith("'width' is used here")
    assert finding.text.endswith("for want of 'width'; cell 6 below defines it.")


def test_none_costs_points(findings):
    assert not any(finding.costs_points for finding in findings)
