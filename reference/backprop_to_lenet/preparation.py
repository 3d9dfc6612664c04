"""Prepares Fashion-MNIST for parts 3 and 4: a split of 8 to 2, pixels from 0 to 1, one-hot labels.

A set of examples is a pair ``(images, labels)``: images (N, 28, 28, 1) float32 with values 0 to 1, channels last, and
labels (N, 10) float32 with a single 1 in each row. The MLP flattens the images to 784 numbers in its first layer, so
the same sets serve all four networks.
"""

import numpy as np

CLASSES = 10
VALIDATION_SHARE = 0.2


def scale(images):
    """Turn pixels (N, 28, 28) uint8, 0 to 255, into (N, 28, 28, 1) float32, 0 to 1."""
    return (images.astype(np.float32) / np.float32(255))[..., np.newaxis]


def one_hot(labels):
    """Turn class numbers (N,), 0 to 9, into rows (N, 10) float32 with a 1 at the class and 0 elsewhere."""
    return np.eye(CLASSES, dtype=np.float32)[labels]


def split(count, seed=0):
    """Draw which of ``count`` examples are for training and which for validation: 8 to 2, no example in both.

    Returns:
        ``(training, validation)``: two arrays of positions, in random order. The same seed gives the same split.
    """
    order = np.random.default_rng(seed).permutation(count)
    validation_count = round(VALIDATION_SHARE * count)
    return order[validation_count:], order[:validation_count]


def prepare(training_images, training_labels, test_images, test_labels, seed=0):
    """Prepare all images.

    Args:
        training_images: (60000, 28, 28) uint8, or fewer.
        training_labels: (60000,) class numbers.
        test_images, test_labels: the same for testing, 10000 or fewer.
        seed: for the split.

    Returns:
        dict of three sets of examples: ``training`` (48000 of 60000), ``validation`` (12000) and ``test``.
    """
    training, validation = split(len(training_images), seed)
    return {
        "training": (scale(training_images[training]), one_hot(training_labels[training])),
        "validation": (scale(training_images[validation]), one_hot(training_labels[validation])),
        "test": (scale(test_images), one_hot(test_labels)),
    }
