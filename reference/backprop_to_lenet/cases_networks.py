"""Cases for parts 2 to 4: real images, and made-up predictions."""

import numpy as np

from grader.data.load import load
from grader.numerics.prepared import distinct

IMAGES, TEST_IMAGES = 200, 60


def images(rng: np.random.Generator) -> dict:
    """Return about 200 training and 60 test images of Fashion-MNIST, no two of them alike, (N, 28, 28) uint8.

    Labels are class numbers (N,), in the type that students know from their framework, int64.
    """
    data = load("fashion-mnist")
    chosen = rng.choice(len(data.train_images), IMAGES, replace=False)
    chosen = chosen[distinct(data.train_images[chosen])]
    test = rng.choice(len(data.test_images), TEST_IMAGES, replace=False)
    test = test[distinct(data.test_images[test])]
    return {
        "train_images": data.train_images[chosen],
        "train_labels": data.train_labels[chosen].astype(np.int64),
        "test_images": data.test_images[test],
        "test_labels": data.test_labels[test].astype(np.int64),
    }


def predictions(rng: np.random.Generator) -> dict:
    """Return 25 to 400 class numbers and predictions of which most are right; one class is never predicted."""
    count = int(rng.integers(25, 400))
    labels = rng.integers(0, 10, count)
    predicted = np.where(rng.random(count) < 0.8, labels, rng.integers(0, 10, count))
    missing = rng.integers(0, 10)
    return {"labels": labels, "predictions": np.where(predicted == missing, (missing + 1) % 10, predicted)}


def first_images(rng: np.random.Generator) -> dict:
    """Return 40 images with their labels, and what is to stand over the figure."""
    given = images(rng)
    return {
        "images": given["train_images"][:40],
        "labels": given["train_labels"][:40],
        "title": "The first 25 development images",
    }


def predicted_images(rng: np.random.Generator) -> dict:
    """Return 40 images with their labels and predictions of which some are wrong."""
    given = first_images(rng)
    labels = given["labels"]
    predicted = np.where(rng.random(40) < 0.7, labels, rng.integers(0, 10, 40))
    return {"images": given["images"], "labels": labels, "predictions": predicted}


def history(rng: np.random.Generator) -> dict:
    """Return a history of 5 to 20 epochs, as lists of numbers would arrive: one array each."""
    epochs = int(rng.integers(5, 21))
    falling = np.sort(rng.uniform(0.2, 1.2, (2, epochs)))[:, ::-1]
    rising = np.sort(rng.uniform(0.6, 0.95, (2, epochs)))
    names = ("loss", "val_loss", "accuracy", "val_accuracy")
    return {"history": dict(zip(names, (*falling, *rising), strict=True))}


def matrix(rng: np.random.Generator) -> dict:
    """Return a confusion matrix of 1000 predictions."""
    labels = rng.integers(0, 10, 1000)
    predicted = np.where(rng.random(1000) < 0.8, labels, rng.integers(0, 10, 1000))
    counts = np.zeros((10, 10), np.int64)
    np.add.at(counts, (labels, predicted), 1)
    return {"matrix": counts}
