"""Cases for the data and the plots: real images, a learning curve, and the accuracies of a sweep."""

import numpy as np

from grader.data.load import load
from grader.numerics.prepared import distinct

IMAGES, TEST_IMAGES = 300, 60
EPOCHS, SEEDS = 10, 3
FACTORS = (1e-3, 7.5e-4, 5e-4, 2.5e-4, 1e-6)


def images(rng: np.random.Generator) -> dict:
    """Return about 300 training and 60 test images of MNIST, no two of them alike, (N, 28, 28) uint8.

    Labels are class numbers (N,), in the type that students know from their framework, int64.
    """
    data = load("mnist")
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


def a_history(rng: np.random.Generator) -> dict:
    """Return a history of ten epochs, lists of numbers, whose curves differ."""
    falling = np.linspace(0.5, 0.1, EPOCHS)
    curves = {
        "loss": falling,
        "accuracy": 0.99 - falling / 4,
        "val_loss": falling + 0.05,
        "val_accuracy": 0.97 - falling / 5,
    }
    return {"history": {name: list(curve + rng.uniform(0, 0.01, EPOCHS)) for name, curve in curves.items()}}


def a_sweep(rng: np.random.Generator) -> dict:
    """Return five factors and three accuracies for each, (5, 3), with what error bars can show of them.

    ``sample_deviation`` has its squares divided by one less than the number of runs, ``deviation`` by that number.
    """
    accuracies = rng.normal(0.98, 0.004, (len(FACTORS), SEEDS))
    return {
        "factors": np.array(FACTORS),
        "accuracies": accuracies,
        "mean": accuracies.mean(axis=1),
        "sample_deviation": accuracies.std(axis=1, ddof=1),
        "deviation": accuracies.std(axis=1),
    }
