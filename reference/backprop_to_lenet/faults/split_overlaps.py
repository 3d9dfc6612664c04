"""The validation images are the last ones, and training uses all of them.

Base: torch
File: networks.py
Parts: data
Fails: data.split
"""

right_prepare = prepare


def prepare(train_images, train_labels, test_images, test_labels):
    x, y, x_validation, y_validation, x_test, y_test = right_prepare(
        train_images, train_labels, test_images, test_labels
    )
    return np.concatenate([x, x_validation]), np.concatenate([y, y_validation]), x_validation, y_validation, x_test, y_test
