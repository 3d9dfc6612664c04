"""Prepares MNIST for part 1: pixels from 0 to 1, one-hot labels, images of shape (28, 28, 1).

A set of examples is a pair ``(images, labels)``: images (N, 28, 28, 1) float32 with values 0 to 1, channels last, and
labels (N, 10) float32 with a single 1 in each row.

The handout trains on all 60000 images and calls the 10000 test images its validation set. So the epoch that looks
best was picked with the test images in view, and its accuracy is a little better than new images would give.
"""

import numpy as np

CLASSES = 10


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
        dict of three sets of examples: ``training``, and the same one under ``validation`` and ``test``.
    """
    test = scale(test_images), one_hot(test_labels)
    return {"training": (scale(training_images), one_hot(training_labels)), "validation": test, "test": test}
