"""The labels stay class numbers.

Base: keras
File: networks.py
Parts: data
Fails: data.shapes
"""

right_prepare = prepare


def prepare(train_images, train_labels, test_images, test_labels):
    x_train, y_train, x_test, y_test = right_prepare(train_images, train_labels, test_images, test_labels)
    return x_train, train_labels, x_test, test_labels
