"""Pixels go from −1 to 1, which the handout does not ask for here.

Base: torch
File: networks.py
Parts: data
Fails: data.scaling
"""

right_prepare = prepare


def prepare(train_images, train_labels, test_images, test_labels):
    x_train, y_train, x_test, y_test = right_prepare(train_images, train_labels, test_images, test_labels)
    return 2 * x_train - 1, y_train, 2 * x_test - 1, y_test
