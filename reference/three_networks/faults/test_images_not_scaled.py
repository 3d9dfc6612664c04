"""The test images are forgotten.

Base: torch
File: networks.py
Parts: data
Fails: data.scaling
"""

right_prepare = prepare


def prepare(train_images, train_labels, test_images, test_labels):
    *others, x_test, y_test = right_prepare(train_images, train_labels, test_images, test_labels)
    return *others, x_test * 255, y_test
