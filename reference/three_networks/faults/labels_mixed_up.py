"""The training images are shuffled, their labels are not.

Base: torch
File: networks.py
Parts: data
Fails: data.labels
"""

right_prepare = prepare


def prepare(train_images, train_labels, test_images, test_labels):
    x_train, y_train, x_validation, y_validation, x_test, y_test = right_prepare(train_images, train_labels, test_images, test_labels)
    return np.random.permutation(x_train), y_train, x_validation, y_validation, x_test, y_test
