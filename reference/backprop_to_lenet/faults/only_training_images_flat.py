"""The training images are flattened, the test images are forgotten.

Base: torch
File: networks.py
Parts: data
Fails: data.shapes
"""

right_prepare = prepare


def prepare(train_images, train_labels, test_images, test_labels):
    *training, x_test, y_test = right_prepare(train_images, train_labels, test_images, test_labels)
    return *training, x_test.reshape(-1, 28, 28), y_test
