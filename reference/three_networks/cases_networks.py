"""Cases for the data and the plot: real images of digits."""

import numpy as np

from grader.data.load import load
from grader.numerics.prepared import distinct

IMAGES, SPARE, TEST_IMAGES = 300, 40, 60
"""A twelfth of 300 is 25."""
SHOWN = 10


def images(rng: np.random.Generator) -> dict:
    """Return 300 training and about 60 test images of MNIST, no two of them alike, (N, 28, 28) uint8.

    Labels are class numbers (N,), in the type that students know from their framework, int64.
    """
    data = load("mnist")
    chosen = rng.choice(len(data.train_images), IMAGES + SPARE, replace=False)
    chosen = chosen[distinct(data.train_images[chosen])][:IMAGES]
    test = rng.choice(len(data.test_images), TEST_IMAGES, replace=False)
    test = test[distinct(data.test_images[test])]
    return {
        "train_images": data.train_images[chosen],
        "train_labels": data.train_labels[chosen].astype(np.int64),
        "test_images": data.test_images[test],
        "test_labels": data.test_labels[test].astype(np.int64),
    }


def ten_digits(rng: np.random.Generator) -> dict:
    """Return ten test images, (10, 28, 28) float32 from 0 to 1, their labels and predictions, (10,) int64.

    Three predictions are wrong, so that right and assigned labels can be told apart.
    """
    data = load("mnist")
    chosen = rng.choice(len(data.test_images), SHOWN, replace=False)
    labels = data.test_labels[chosen].astype(np.int64)
    predictions = labels.copy()
    predictions[rng.choice(SHOWN, 3, replace=False)] += 1
    images = data.test_images[chosen].astype(np.float32) / np.float32(255)
    return {"images": images, "labels": labels, "predictions": predictions % 10}
