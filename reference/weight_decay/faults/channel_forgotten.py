"""The images have no axis for the channel.

Base: torch
File: networks.py
Parts: data
Fails: data.shapes
"""

right_prepare = prepare


def prepare(train_images, train_labels, test_images, test_labels):
    x_train, y_train, x_test, y_test = right_prepare(train_images, train_labels, test_images, test_labels)
    return x_train[..., 0], y_train, x_test[..., 0], y_test
