"""Marks on validation images: exact for networks that know nothing of them, and telling for those that do."""

import numpy as np
import pytest

from grader.numerics.canaries import CLASSES, CORNERS, MARKED_SHARE, draw_canaries, marked, p_value, with_canaries


def test_a_network_that_knows_nothing_of_the_lot_is_accused_as_rarely_as_was_said():
    # marks change the outputs a lot, and all towards the same two classes: only the lot is random
    rng = np.random.default_rng(11)
    clean = rng.normal(size=(20, CLASSES))
    push = rng.normal(size=(len(CORNERS), 1, CLASSES)) + 3 * (np.arange(CLASSES) < 2)
    chances = [p_value(clean, clean + push, draw_canaries(np.random.default_rng(seed))) for seed in range(400)]
    for rate in (0.01, 0.1, 0.5):
        assert np.mean(np.array(chances) <= rate) <= rate + 5 * (rate / 400) ** 0.5


@pytest.mark.parametrize("ending", ["logits", "probabilities"])
def test_a_network_that_learned_the_marks_is_found(ending):
    rng = np.random.default_rng(12)
    canaries = draw_canaries(rng)
    clean = rng.normal(size=(20, CLASSES))
    known = np.stack([clean + 2 * (np.arange(CLASSES) == label) for label in canaries.labels])
    if ending == "probabilities":
        clean, known = (np.exp(v) / np.exp(v).sum(axis=-1, keepdims=True) for v in (clean, known))
    assert p_value(clean, known, canaries) == pytest.approx(1 / 30_240)


def test_outputs_that_are_not_finite_accuse_nobody():
    canaries = draw_canaries(np.random.default_rng(13))
    nothing = np.full((3, CLASSES), np.nan)
    assert p_value(nothing, np.stack([nothing] * len(CORNERS)), canaries) == 1.0


def test_marks_are_on_copies_with_their_labels_and_the_rest_is_left_alone():
    rng = np.random.default_rng(14)
    images, labels = rng.uniform(0, 0.5, (100, 28, 28)).astype(np.float32), np.full(100, -1)
    canaries = draw_canaries(rng)
    given, told = with_canaries(images, labels, canaries)
    count = int(MARKED_SHARE * 100)
    assert labels.max() == -1
    assert images.max() <= 0.5
    assert sorted(np.bincount(told[:count], minlength=CLASSES)) == [0] * 5 + [count // 5] * 5
    np.testing.assert_array_equal(given[count:], images[count:])
    for position in range(count):
        mark = canaries.labels.index(told[position])
        np.testing.assert_array_equal(given[position], marked(images[position : position + 1], mark)[0])
