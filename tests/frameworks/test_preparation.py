"""How the references prepare the data: values, shapes, and splits that lose and repeat nothing."""

from pathlib import Path

import numpy as np
import pytest

from grader.oracle.run import load_module

REFERENCE = Path(__file__).parents[2] / "reference"
ASSIGNMENTS = ("backprop_to_lenet", "cnn_in_numpy", "weight_decay", "regularization", "three_networks")
SPLIT = ("backprop_to_lenet", "cnn_in_numpy", "regularization")


def preparation(assignment):
    return load_module(REFERENCE / assignment / "preparation.py")


def draw_raw(training=120, test=20):
    """Return images and labels as the files hold them. The first pixels of an image spell its number, 0, 1, 2 …"""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (training + test, 28, 28), dtype=np.uint8)
    images[:, 0, 0], images[:, 0, 1] = np.divmod(np.arange(training + test), 256)
    labels = rng.integers(0, 10, training + test, dtype=np.uint8)
    return images[:training], labels[:training], images[training:], labels[training:]


def prepare(assignment, raw, **settings):
    module = preparation(assignment)
    return module.prepare(*(raw[:2] if assignment == "regularization" else raw), **settings)


def numbers(images):
    """Return which images these are, from pixels between 0 and 1."""
    first, second = np.rint(images[:, 0, 0, 0] * 255), np.rint(images[:, 0, 1, 0] * 255)
    return (first * 256 + second).astype(int)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_values_shapes_and_dtypes(assignment):
    raw = draw_raw()
    all_images, all_labels = np.concatenate([raw[0], raw[2]]), np.concatenate([raw[1], raw[3]])
    prepared = prepare(assignment, raw)
    assert set(prepared) == {"training", "validation", "test"}
    for images, labels in prepared.values():
        assert images.dtype == labels.dtype == np.float32
        assert images.shape[1:] == (28, 28, 1)
        assert labels.shape == (len(images), 10)
        which = numbers(images)
        np.testing.assert_allclose(images[..., 0], all_images[which] / 255, atol=1e-7)
        np.testing.assert_array_equal(labels.argmax(axis=1), all_labels[which])
        np.testing.assert_array_equal(np.sort(labels, axis=1), [[0] * 9 + [1]] * len(labels))


@pytest.mark.parametrize(
    ("assignment", "counts"),
    [
        ("backprop_to_lenet", (48000, 12000, 0)),
        ("cnn_in_numpy", (55000, 5000, 0)),
        ("regularization", (42000, 9000, 9000)),
    ],
)
def test_published_sizes_of_the_splits(assignment, counts):
    parts = preparation(assignment).split(60000)
    assert tuple(len(part) for part in parts) == tuple(count for count in counts if count)
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.arange(60000))


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_nothing_is_lost_and_nothing_is_in_two_sets(assignment):
    prepared = prepare(assignment, draw_raw())
    found = {name: numbers(images) for name, (images, _) in prepared.items()}
    sets = ["training", "test"] if assignment == "weight_decay" else ["training", "validation", "test"]
    total = 120 if assignment == "regularization" else 140
    np.testing.assert_array_equal(np.sort(np.concatenate([found[name] for name in sets])), np.arange(total))


@pytest.mark.parametrize("assignment", SPLIT)
def test_the_seed_decides_the_split(assignment):
    raw = draw_raw()
    first, again, other = (prepare(assignment, raw, seed=seed)["validation"][0] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_weight_decay_validates_on_the_test_images():
    prepared = prepare("weight_decay", draw_raw())
    assert prepared["validation"] is prepared["test"]
    np.testing.assert_array_equal(numbers(prepared["training"][0]), np.arange(120))
    np.testing.assert_array_equal(numbers(prepared["test"][0]), np.arange(120, 140))


def test_three_networks_validates_on_the_first_twelfth():
    prepared = prepare("three_networks", draw_raw())
    np.testing.assert_array_equal(numbers(prepared["validation"][0]), np.arange(10))
    np.testing.assert_array_equal(numbers(prepared["training"][0]), np.arange(10, 120))


def test_regularization_can_leave_pixels_raw():
    raw, scaled = (prepare("regularization", draw_raw(), scaled=scaled)["training"][0] for scaled in (False, True))
    assert raw.dtype == np.float32
    assert raw.max() == 255
    np.testing.assert_allclose(raw, scaled * 255, rtol=1e-6)


def test_regularization_joins_training_and_validation():
    prepared = prepare("regularization", draw_raw())
    images, labels = preparation("regularization").join(prepared["training"], prepared["validation"])
    count = len(prepared["training"][0])
    np.testing.assert_array_equal(images[:count], prepared["training"][0])
    np.testing.assert_array_equal(labels[count:], prepared["validation"][1])
    assert len(images) == len(labels) == 84 + 18


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_raw_images_stay_as_they_are(assignment):
    raw, untouched = draw_raw(), draw_raw()
    prepare(assignment, raw)
    np.testing.assert_equal(raw, untouched)
