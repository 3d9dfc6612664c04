"""Prepares MNIST: the first 5000 of 60000 images for validation, pixels from 0 to 1, one-hot labels.

A set of examples is a pair ``(images, labels)``: images (N, 28, 28, 1) float32 with values 0 to 1, channels last, and
labels (N, 10) float32 with a single 1 in each row. The softmax regression and the MLP flatten the images to 784
numbers in their first layer, so the same sets serve all three networks.

The given programs load MNIST with a function of TensorFlow 1 that sets the first 5000 training images aside. MNIST
is not sorted by digit, so they are as good as any others, and the same for everyone.
"""

import numpy as np

CLASSES = 10
VALIDATION_SHARE = 5000 / 60000


def scale(images):
    """Turn pixels (N, 28, 28) uint8, 0 to 255, into (N, 28, 28, 1) float32, 0 to 1."""
    return (images.astype(np.float32) / np.float32(255))[..., np.newaxis]


def one_hot(labels):
    """Turn class numbers (N,), 0 to 9, into rows (N, 10) float32 with a 1 at the class and 0 elsewhere."""
    return np.eye(CLASSES, dtype=np.float32)[labels]


def prepare(training_images, training_labels, test_images, test_labels):
    """Prepare all images. Nothing is drawn: every image stays in its place.

    Args:
        training_images: (60000, 28, 28) uint8, or fewer.
        training_labels: (60000,) class numbers.
        test_images, test_labels: the same for testing, 10000 or fewer.

    Returns:
        dict of three sets of examples: ``training`` (55000 of 60000), ``validation`` (5000) and ``test``.
    """
    count = round(VALIDATION_SHARE * len(training_images))
    return {
        "training": (scale(training_images[count:]), one_hot(training_labels[count:])),
        "validation": (scale(training_images[:count]), one_hot(training_labels[:count])),
        "test": (scale(test_images), one_hot(test_labels)),
    }
