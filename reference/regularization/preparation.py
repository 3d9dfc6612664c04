"""Prepares Fashion-MNIST: the 60000 training images split 70 to 15 to 15, pixels raw or from 0 to 1, one-hot labels.

A set of examples is a pair ``(images, labels)``: images (N, 28, 28, 1) float32, channels last, and labels (N, 10)
float32 with a single 1 in each row.

The published figures come from raw pixels, 0 to 255: with them the first steps of gradient descent are far too long,
and the networks without batch norm suffer most. ``scaled=False`` is for repeating those runs, ``scaled=True`` is what
one should do. The 10000 images that Fashion-MNIST sets aside for testing are not used here.
"""

import numpy as np

CLASSES = 10
VALIDATION_SHARE = TEST_SHARE = 0.15


def as_float(images, scaled=True):
    """Turn pixels (N, 28, 28) uint8 into (N, 28, 28, 1) float32, from 0 to 1 if ``scaled``, else from 0 to 255."""
    largest = 255 if scaled else 1
    return (images.astype(np.float32) / np.float32(largest))[..., np.newaxis]


def one_hot(labels):
    """Turn class numbers (N,), 0 to 9, into rows (N, 10) float32 with a 1 at the class and 0 elsewhere."""
    return np.eye(CLASSES, dtype=np.float32)[labels]


def split(count, seed=0):
    """Draw which of ``count`` examples are for training, validation and test: 70 to 15 to 15, no example in two.

    Returns:
        ``(training, validation, test)``: arrays of positions, in random order. The same seed gives the same split.
    """
    order = np.random.default_rng(seed).permutation(count)
    validation_count, test_count = round(VALIDATION_SHARE * count), round(TEST_SHARE * count)
    validation, test, training = np.split(order, [validation_count, validation_count + test_count])
    return training, validation, test


def prepare(images, labels, *, scaled=True, seed=0):
    """Prepare the training images of Fashion-MNIST.

    Args:
        images: (60000, 28, 28) uint8, or fewer.
        labels: (60000,) class numbers.
        scaled: whether pixels go from 0 to 1 or stay between 0 and 255.
        seed: for the split.

    Returns:
        dict of three sets of examples: ``training`` (42000 of 60000), ``validation`` (9000) and ``test`` (9000).
    """
    names = ("training", "validation", "test")
    return {
        name: (as_float(images[positions], scaled), one_hot(labels[positions]))
        for name, positions in zip(names, split(len(images), seed), strict=True)
    }


def join(first, second):
    """Join two sets of examples: the best network is trained again on ``training`` and ``validation`` together."""
    return np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])
