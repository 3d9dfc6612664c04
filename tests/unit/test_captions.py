"""What may stand beside a picture."""

import numpy as np
import pytest

from grader.checks.captions import fields_of, wrong_captions

GIVEN = {"labels": np.array([3, 7, 9]), "predicted": np.array([3, 1, 9])}
BOTH = "GT:{labels}, P:{predicted}"
CLASSES = [f"class {letter}" for letter in "ABCDEFGHIJ"]


def test_a_pattern_names_entries():
    assert fields_of("labels") == ("labels",)
    assert fields_of(BOTH) == ("labels", "predicted")
    with pytest.raises(ValueError, match="}"):
        fields_of("GT:labels}")


@pytest.mark.parametrize(
    ("captions", "pattern"),
    [
        (["3", "7", "9"], "labels"),
        (["Label: 3.0", "7", "[9]"], "labels"),
        (["tf.Tensor(3, dtype=uint8)", "tensor(7)", "np.int64(9)"], "labels"),
        (["image 1: 3", "image 2: 7", "image 3: 9"], "labels"),
        (["three", "seven", "nine"], "labels"),
        (["GT:3, P:3", "GT:7, P:1", "GT:9, P:9"], BOTH),
        (["GT3/P3", "gt 7 -> p 1", "9 9"], BOTH),
        (["P:3 GT:3", "P:1 GT:7", "P:9 GT:9"], BOTH),
    ],
)
def test_right_captions(captions, pattern):
    assert wrong_captions(captions, pattern, GIVEN) == []


@pytest.mark.parametrize(
    ("captions", "pattern", "wrong"),
    [
        (["3", "7", "8"], "labels", [2]),
        (["", "", ""], "labels", [0, 1, 2]),
        (["picture"] * 3, "labels", [0, 1, 2]),
        (["13", "7", "9"], "labels", [0]),
        (["GT:3, P:3", "GT:1, P:7", "GT:9, P:9"], BOTH, [1]),
        (["3", "7", "9"], BOTH, [0, 1, 2]),
    ],
)
def test_wrong_captions(captions, pattern, wrong):
    assert wrong_captions(captions, pattern, GIVEN) == wrong


def test_names_of_classes_count_as_the_rubric_writes_them():
    captions = ["Class D", "class-H", "class J (9)"]
    assert wrong_captions(captions, "labels", GIVEN, CLASSES) == []
    assert wrong_captions(["class D, 1", "class H", "class J"], "labels", GIVEN, CLASSES) == [0]


def test_one_hot_labels_are_labels():
    assert wrong_captions(["2", "0"], "labels", {"labels": np.eye(3)[[2, 0]]}) == []
