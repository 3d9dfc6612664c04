"""Pixels stay between 0 and 255.

Base: keras
File: networks.py
Parts: data
Fails: data.scaling
"""

right_prepare = prepare


def prepare(train_images, train_labels, test_images, test_labels):
    x_train, y_train, x_validation, y_validation, x_test, y_test = right_prepare(train_images, train_labels, test_images, test_labels)
    return x_train * 255, y_train, x_validation * 255, y_validation, x_test * 255, y_test
