"""Turns what the handouts hand over into what the model answers take, and back."""

import numpy as np


def examples(images, labels):
    """Return images (N, 28, 28) with an axis of channels, and class numbers (N,) as one-hot rows, both float32."""
    return images.astype(np.float32)[..., np.newaxis], np.eye(10, dtype=np.float32)[labels]


def trained(train, model, x_train, y_train, x_validation, y_validation, epochs, **settings):
    """Train with a function of the model answer; it counts from 1 what the handout calls epochs, too."""
    return train(model, examples(x_train, y_train), examples(x_validation, y_validation), epochs=epochs, **settings)


def listed(prepared, *names):
    """Return the images and labels of the sets called ``names``, one after the other."""
    return tuple(array for name in names for array in prepared[name])
