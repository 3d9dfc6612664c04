"""The validation images are the first ones, and training uses all of them.

Base: torch
File: networks.py
Parts: data
Fails: data.split
"""

right_prepare = prepare


def prepare(train_images, train_labels, test_images, test_labels):
    x_train, y_train, x_validation, y_validation, x_test, y_test = right_prepare(train_images, train_labels, test_images, test_labels)
    x_train, y_train = np.concatenate([x_validation, x_train]), np.concatenate([y_validation, y_train])
    return x_train, y_train, x_validation, y_validation, x_test, y_test
