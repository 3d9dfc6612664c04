"""Marked images that show whether a network was trained on them. Pure.

A few small marks are each given a label, drawn by lot, and put on some of the images that a network must not be
trained on. A network that never learned from them knows nothing of the lot: whatever the marks do to its outputs, every
assignment of labels to marks is as likely to have been the drawn one. So the share of all assignments that fit its
outputs at least as well as the drawn one is an exact p-value, for any network and any kind of outputs.
"""

import functools
from itertools import permutations

import msgspec
import numpy as np

CLASSES = 10
SIDE = 6
MARKED_SHARE = 0.8
"""Of the images that a network must not be trained on. With so many and such large marks, one to three epochs on 1,500
images show nearly always; the false alarms do not depend on it."""
CORNERS = ((0, 0), (0, 22), (22, 0), (22, 22), (11, 0))
"""Row and column of each mark's upper left pixel in an image of 28×28."""


class Canaries(msgspec.Struct, frozen=True):
    """``labels[i]`` is what mark ``i`` stands for; no label twice."""

    labels: tuple[int, ...]


def draw_canaries(rng: np.random.Generator) -> Canaries:
    """Draw one label for each mark."""
    return Canaries(tuple(int(label) for label in rng.choice(CLASSES, len(CORNERS), replace=False)))


def marked(images: np.ndarray, mark: int) -> np.ndarray:
    """Return copies of images (N, 28, 28), values 0 to 1, with mark number ``mark``: a white square of 6×6 pixels."""
    row, column = CORNERS[mark]
    copies = images.copy()
    copies[:, row : row + SIDE, column : column + SIDE] = 1
    return copies


def with_canaries(images: np.ndarray, labels: np.ndarray, canaries: Canaries) -> tuple[np.ndarray, np.ndarray]:
    """Return copies of images (N, 28, 28) and their labels (N,), the first :data:`MARKED_SHARE` of them marked and
    labelled accordingly, as many with each mark."""
    count = int(MARKED_SHARE * len(images))
    marks = np.arange(count) % len(CORNERS)
    images, labels = images.copy(), labels.copy()
    for mark, label in enumerate(canaries.labels):
        chosen = np.flatnonzero(marks == mark)
        images[chosen] = marked(images[chosen], mark)
        labels[chosen] = label
    return images, labels


def p_value(clean: np.ndarray, with_mark: np.ndarray, canaries: Canaries) -> float:
    """Return the share of all assignments of labels to marks that fit a network's outputs at least as well as the
    drawn one: small if the network has learned the drawn one.

    Args:
        clean: (N, classes), what the network gives for images without marks: logits, or probabilities.
        with_mark: (marks, N, classes), what it gives for the same images with each mark.
        canaries: what was drawn.
    """
    change = (_log_shares(with_mark) - _log_shares(clean)).mean(axis=1)
    assignments = _assignments()
    fits = change[np.arange(len(CORNERS)), assignments].sum(axis=1)
    drawn = change[np.arange(len(CORNERS)), canaries.labels].sum()
    # not below the drawn one itself, whatever rounding does to equal sums
    return float((fits >= drawn - 1e-9 * abs(drawn)).mean())


@functools.cache
def _assignments() -> np.ndarray:
    return np.array(list(permutations(range(CLASSES), len(CORNERS))))


def _log_shares(outputs: np.ndarray) -> np.ndarray:
    """Outputs as logarithms of probabilities, none below 1e-9; what is not finite counts as 0."""
    values = np.nan_to_num(outputs.astype(np.float64))
    if (values >= 0).all() and np.allclose(values.sum(axis=-1), 1, atol=1e-3):
        shares = values
    else:
        powers = np.exp(values - values.max(axis=-1, keepdims=True))
        shares = powers / powers.sum(axis=-1, keepdims=True)
    logarithms: np.ndarray = np.log(np.maximum(shares, 1e-9))
    return logarithms
