"""Cases for the data and the plots: real images, learning curves, and kernels."""

import numpy as np

from grader.data.load import load
from grader.numerics.prepared import distinct

IMAGES, SPARE = 300, 40
"""300 can be split 70 to 15 to 15 without rounding."""
EPOCHS = 5


def examples(rng: np.random.Generator) -> dict:
    """Return 300 training images of Fashion-MNIST, no two of them alike, (N, 28, 28) uint8.

    Labels are class numbers (N,), in the type that students know from their framework, int64.
    """
    data = load("fashion-mnist")
    chosen = rng.choice(len(data.train_images), IMAGES + SPARE, replace=False)
    chosen = chosen[distinct(data.train_images[chosen])][:IMAGES]
    return {"images": data.train_images[chosen], "labels": data.train_labels[chosen].astype(np.int64)}


def a_history(rng: np.random.Generator) -> dict:
    """Return a history of five epochs whose curves differ."""
    falling = np.linspace(1.0, 0.4, EPOCHS)
    curves = {
        "loss": falling,
        "accuracy": 1 - falling / 3,
        "val_loss": falling + 0.1,
        "val_accuracy": 0.9 - falling / 3,
    }
    return {"history": {name: curve + rng.uniform(0, 0.02, EPOCHS) for name, curve in curves.items()}}


def first_kernels(rng: np.random.Generator) -> dict:
    """Return 16 kernels, (16, 3, 3), of a convolution on one channel."""
    return {"kernels": rng.normal(0, 0.2, (16, 3, 3)), "title": "Kernels of the first convolution"}


def second_kernels(rng: np.random.Generator) -> dict:
    """Return 256 kernels, (256, 3, 3), of a convolution from 16 channels to 16."""
    return {"kernels": rng.normal(0, 0.2, (256, 3, 3)), "title": "Kernels of the second convolution"}
