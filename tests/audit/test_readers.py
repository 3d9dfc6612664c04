"""The readers on texts as Keras, PyTorch and people write them."""

from decimal import Decimal

import pytest

from grader.audit.facts import Assignment, Cell, Code, Loop, Notebook
from grader.audit.readers.flow import origin, whole_number
from grader.audit.readers.logs import read_logs
from grader.audit.readers.numbers import are_swapped, could_be, decimal, forms, numbers
from grader.audit.readers.prose import claims, sentences
from grader.audit.readers.summaries import read_summaries

KERAS_3 = """\
Epoch 1/3
7/9 ━━━━━━━━━━━━━━━━━━━━ 0s 22ms/step - accuracy: 0.1116 - loss: 2.8133
Epoch 1: val_loss improved from None to 2.41210, saving model to best.weights.h5

Epoch 1: finished saving model to best.weights.h5
9/9 ━━━━━━━━━━━━━━━━━━━━ 2s 53ms/step - accuracy: 0.1056 - loss: 2.8324 - val_accuracy: 0.0667 - val_loss: 2.4121
Epoch 2/3
9/9 ━━━━━━━━━━━━━━━━━━━━ 0s 15ms/step - accuracy: 0.1519 - loss: 2.5075
Epoch 2: val_loss did not improve from 2.41210
9/9 ━━━━━━━━━━━━━━━━━━━━ 0s 21ms/step - accuracy: 0.1519 - loss: 2.5075 - val_accuracy: 0.0667 - val_loss: 2.4239
Epoch 3/3
9/9 ━━━━━━━━━━━━━━━━━━━━ 0s 26ms/step - accuracy: 0.2056 - loss: 2.3000 - val_accuracy: 0.0667 - val_loss: 2.4322
19/19 ━━━━━━━━━━━━━━━━━━━━ 0s 5ms/step - accuracy: 0.1133 - loss: 2.2884
Epoch 1/2
19/19 - 0s - 11ms/step - accuracy: 0.2383 - loss: 2.1937
Epoch 2/2
19/19 - 0s - 17ms/step - accuracy: 0.3417 - loss: 1.8384
"""
KERAS_2_0 = """\
Train on 54000 samples, validate on 6000 samples
Epoch 1/2
54000/54000 [==============================] - 3s 60us/step - loss: 0.4711 - acc: 0.8701 - val_acc: 0.94
Epoch 2/2
54000/54000 [==============================] - 3s 58us/step - loss: 0.2201 - acc: 0.9363 - val_acc: 0.95
"""


def test_logs_of_keras_3():
    first, second = read_logs(KERAS_3)
    assert [(epoch.number, epoch.announced, epoch.total) for epoch in first.epochs] == [(1, 3, 9), (2, 3, 9), (3, 3, 9)]
    # the bar of evaluate() after the last epoch is not its own
    assert [epoch.accuracy for epoch in first.epochs] == [0.1056, 0.1519, 0.2056]
    assert [(note.epoch, note.before, note.after) for note in first.notes] == [
        (1, "None", "2.41210"),
        (2, "2.41210", ""),
    ]
    assert [epoch.metrics["loss"] for epoch in second.epochs] == ["2.1937", "1.8384"]


def test_logs_of_the_first_keras_2():
    (log,) = read_logs(KERAS_2_0)
    assert [(epoch.total, epoch.accuracy) for epoch in log.epochs] == [(54000, 0.8701), (54000, 0.9363)]


def test_headers_without_bars_are_no_log_of_keras():
    assert read_logs("Epoch 1/3\nloss 0.31\nEpoch 2/3\nloss 0.22") == ()


BOX = """\
┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
│ batch_normalization             │ (None, 12, 12, 6)      │            24 │
│ (BatchNormalization)            │                        │               │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ dense (Dense)                   │ {shape} │ {count} │
└─────────────────────────────────┴────────────────────────┴───────────────┘
 Total params: 8,686 (34.49 KB)
 Trainable params: 8,674 (34.45 KB)
 Non-trainable params: 12 (48.00 B)
"""


def test_a_summary_in_a_box():
    (summary,) = read_summaries(BOX.format(shape="(None, 10)", count="8,650"))
    assert summary.is_plain
    assert [row.parameters for row in summary.rows] == [24, 8650]
    assert summary.totals == {"Total": 8686, "Trainable": 8674, "Non-trainable": 12}


@pytest.mark.parametrize(("shape", "count"), [("?", "0 (unbuilt)"), ("(None, 10) │ 8,650", "conv[0][0]")])
def test_a_summary_that_cannot_be_added_up_is_not_plain(shape, count):
    assert not any(summary.is_plain for summary in read_summaries(BOX.format(shape=shape, count=count)))


def test_a_summary_without_its_totals_is_left_out():
    assert read_summaries(BOX.partition(" Total")[0]) == ()


def test_numbers_as_they_are_written():
    found = numbers("loss: 2.5e-3, 61,706 parameters, 97.45%, -4, v1.2.3, x2, 0.9744999766349792")
    assert found == {Decimal(text) for text in ("0.0025", "61706", "97.45", "-4", "0.9744999766349792")}


@pytest.mark.parametrize("text", ["nan", "inf", "1e400", "text", ""])
def test_what_is_no_ordinary_number(text):
    assert decimal(text) is None


@pytest.mark.parametrize(
    ("written", "value", "expected"),
    [
        ("0.974", "0.97449", True),
        ("0.975", "0.97449", True),
        ("0.976", "0.97449", False),
        ("97.4", "97.449", True),
        ("97.45", "97.46", False),
    ],
)
def test_a_number_could_be_another_rounded_or_cut(written, value, expected):
    assert could_be(written, Decimal(value)) is expected


def test_a_share_is_known_in_every_form():
    assert {Decimal("97.45"), Decimal("2.55"), Decimal("0.0255")} <= set(forms(Decimal("0.9745")))


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("97.64", "97.46", True),
        ("97.46", "97.46", False),
        ("97.64", "96.74", True),
        ("97.64", "47.69", False),
        ("97.64", "97.65", False),
        ("9.764", "97.64", False),
        ("0.964", "0.9640", False),
    ],
)
def test_swapped_digits(first, second, expected):
    assert are_swapped(first, second) is expected


def stated(text):
    notebook = Notebook("a.ipynb", cells=(Cell(1, "markdown", text),))
    return [(claim.metric, claim.number, claim.percent) for claim in claims(sentences(notebook))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The test accuracy is **97.45 %**.", [("accuracy", "97.45", True)]),
        ("Accuracy: 0.9745, loss: 0.0831", [("accuracy", "0.9745", False), ("loss", "0.0831", False)]),
        ("We reach 97,45 % accuracy.", [("accuracy", "97.45", True)]),
        ("It has an error rate of 2.55 percent.", [("error rate", "2.55", True)]),
        ("The accuracy rose by 1.25 points.", []),
        ("LeCun et al. report an error rate of 0.95 %.", []),
        ("The paper is famous. Its accuracy is 99.05 %.", []),
        ("The accuracy is about 97.4 %.", []),
        ("An error of 3.1e-08 remains.", []),
        ("The loss with a weight decay of 0.0005 was used.", []),
        ("> The accuracy is 97.45 %.", []),
        ("```\nThe accuracy is 97.45 %.\n```", []),
        ("| accuracy | 97.45 |", []),
    ],
)
def test_figures_stated_as_results(text, expected):
    assert stated(text) == expected


def test_sentences_know_their_lines():
    notebook = Notebook("a.ipynb", cells=(Cell(1, "markdown", "# Title\nOne. Two.\n\n- Three"),))
    assert [(sentence.line, sentence.text) for sentence in sentences(notebook)] == [
        (2, "One."),
        (2, "Two."),
        (4, "- Three"),
    ]


def code_cells(*assignments, loops=()):
    binds = {one.name: one.line for one in assignments}
    return Notebook(
        "a.ipynb", cells=(Cell(1, "code", "", code=Code(assignments=assignments, loops=loops, binds=binds)),)
    )


def assign(line, name, root, steps=(), position="", value="", **around):
    return Assignment(name, line, value, root, tuple(steps), position, **around)


def test_a_part_of_a_part_of_a_data_set_is_followed():
    notebook = code_cells(
        assign(1, "train", "mnist.load_data()", position="0"),
        assign(1, "test", "mnist.load_data()", position="1"),
        assign(2, "images", "test", position="0"),
        assign(3, "images", "images", ["/ 255"]),
    )
    found = origin(notebook, "images", 2, 1)
    assert (found.data_set, found.position, found.steps, found.is_test, found.examples) == (
        "mnist", "1.0", ("/ 255",), True, 10_000,
    )  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        assign(2, "x", "x", ["[:100]"]),
        assign(2, "x", "x", ["augment(x)"]),
        assign(2, "x", "x", [".reshape(-1, 28)"]),
    ],
)
def test_after_a_step_that_may_change_the_number_of_examples_it_is_not_known(change):
    found = origin(code_cells(assign(1, "x", "mnist.load_data()", position="0.0"), change), "x", 2, 1)
    assert found.examples is None


@pytest.mark.parametrize(
    "change",
    [
        assign(2, "x", "x", condition="fast"),
        assign(2, "x", "x", in_loop=True),
        assign(2, "x", "x", scope="prepare"),
        assign(2, "x", ""),
        assign(2, "x[0]", "y"),
    ],
)
def test_what_is_uncertain_has_no_origin(change):
    assert origin(code_cells(assign(1, "x", "mnist.load_data()", position="0.0"), change), "x", 2, 1) is None


def test_a_constant_has_one_value():
    once = code_cells(assign(1, "EPOCHS", "", value="20"))
    assert whole_number(once, "EPOCHS") == 20
    assert whole_number(once, "12") == 12
    assert whole_number(once, "OTHER") is None
    assert whole_number(code_cells(assign(1, "n", "", value="20"), assign(2, "n", "", value="30")), "n") is None
    assert whole_number(code_cells(assign(1, "n", "", value="20"), loops=(Loop("n", "range(3)", 1),)), "n") is None
