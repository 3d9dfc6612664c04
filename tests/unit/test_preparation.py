import msgspec
import numpy as np
import pytest

from grader.checks.preparation import ExampleSet, Preparation, PreparationOptions, PreparationSeen
from grader.course.units import Percentage
from grader.numerics.prepared import classes_of, distinct, match
from grader.results import Verdict

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (50, 6, 6)).astype(np.uint8)
LABELS = RNG.integers(0, 10, 50).astype(np.uint8)
SETS = {
    "training": ExampleSet("x_train", "y_train", share=Percentage(0.8)),
    "validation": ExampleSet("x_validation", "y_validation", share=Percentage(0.2)),
}


def prepared(**changes):
    order = np.random.default_rng(1).permutation(50)
    x, y = IMAGES[order].reshape(50, 36) / 255, np.eye(10)[LABELS[order]]
    right = {"x_train": x[:40], "y_train": y[:40], "x_validation": x[40:], "y_validation": y[40:]}
    return {**right, **{name: change(right) for name, change in changes.items()}}


def judge(make_criterion, aspect, returned, **options):
    options = PreparationOptions(aspect=aspect, sets=SETS, image_shape=(36,), label_shape=(10,), **options)
    seen = (PreparationSeen({"train_images": IMAGES, "train_labels": LABELS}, returned, "case one"),)
    return Preparation().judge(seen, make_criterion(options, kind="preparation"))


@pytest.mark.parametrize("aspect", ["split", "shapes", "scaling", "labels"])
@pytest.mark.parametrize(
    "scale",
    [lambda x: x, lambda x: (x - 0.3) / 0.2, lambda x: x * 2 - 1, lambda x: x.astype(np.float32)],
    ids=["0 to 1", "standardized", "-1 to 1", "single precision"],
)
def test_every_right_way_passes(make_criterion, aspect, scale):
    returned = {name: scale(value) if name.startswith("x") else value for name, value in prepared().items()}
    judgement = judge(make_criterion, aspect, returned)
    assert judgement.verdict is Verdict.PASS, judgement.feedback


@pytest.mark.parametrize(
    ("aspect", "changes", "words"),
    [
        ("split", {"x_validation": lambda r: r["x_train"][:10]}, "10 examples stand in two sets"),
        ("split", {"x_train": lambda r: r["x_train"][:30]}, "30 of 50"),
        ("split", {"x_train": lambda r: r["x_train"][[0] * 2 + list(range(38))]}, "more than once"),
        ("split", {"x_train": lambda r: r["x_train"][:, ::-1]}, "none of the images"),
        ("shapes", {"x_train": lambda r: r["x_train"].reshape(40, 6, 6)}, "(40, 6, 6)"),
        ("shapes", {"y_train": lambda r: r["y_train"].argmax(1)}, "y_train has the shape"),
        ("shapes", {"y_train": lambda r: r["y_train"][:30]}, "40 and 30 entries"),
        ("scaling", {"x_train": lambda r: r["x_train"] * 255}, "so they are not scaled"),
        ("scaling", {"x_train": lambda r: r["x_train"] * np.nan}, "no longer the images"),
        ("labels", {"y_train": lambda r: np.roll(r["y_train"], 1, axis=0)}, "have the label of another"),
        ("labels", {"y_train": lambda r: r["y_train"] * 2}, "neither class numbers nor rows"),
        ("labels", {"y_train": lambda r: r["y_train"][:5]}, "as many entries"),
    ],
)
def test_each_mistake_fails_its_own_aspect_and_says_what_was_seen(make_criterion, aspect, changes, words):
    judgement = judge(make_criterion, aspect, prepared(**changes))
    assert judgement.verdict is Verdict.FAIL
    assert words in " ".join([judgement.feedback.summary, *judgement.feedback.facts])


def test_a_wrong_scaling_does_not_cost_the_labels(make_criterion):
    raw = prepared(x_train=lambda r: r["x_train"] * 255, x_validation=lambda r: r["x_validation"] * 255)
    assert judge(make_criterion, "labels", raw).verdict is Verdict.PASS
    assert judge(make_criterion, "split", raw).verdict is Verdict.PASS


def test_a_range_can_be_asked_for(make_criterion):
    shifted = prepared(x_train=lambda r: r["x_train"] * 2 - 1)
    assert judge(make_criterion, "scaling", shifted, range=(0.0, 1.0)).verdict is Verdict.FAIL
    assert judge(make_criterion, "scaling", prepared(), range=(0.0, 1.0)).verdict is Verdict.PASS


def test_what_is_no_array_is_missing(make_criterion):
    judgement = judge(make_criterion, "split", prepared(y_train=lambda _: None))
    assert judgement.verdict is Verdict.MISSING
    assert "y_train is None" in judgement.feedback.summary


def test_class_numbers_in_every_form():
    wanted = np.array([3, 1, 2])
    for form in (wanted, wanted[:, np.newaxis], np.eye(4)[wanted], wanted.astype(np.float32)):
        assert np.array_equal(classes_of(form), wanted)
    assert classes_of(np.array([0.5, 1.0])) is None
    assert classes_of(np.ones((3, 4))) is None


def test_rows_of_another_size_are_no_images():
    assert match(np.ones((3, 5)), IMAGES).unknown == 3


def test_images_that_differ_in_scaling_only_are_not_distinct():
    doubled = np.concatenate([IMAGES, IMAGES // 2])
    assert len(distinct(doubled)) == 50


def test_options_name_what_functions_return(backprop):
    options = PreparationOptions(aspect="split", sets=SETS, image_shape=(36,))
    assert {field for field, _ in options.problems(points=1, part=backprop)} == {"sets"}
    part = msgspec.structs.replace(backprop, functions=())
    assert list(PreparationOptions("split", {}, (36,)).problems(points=1, part=part))
