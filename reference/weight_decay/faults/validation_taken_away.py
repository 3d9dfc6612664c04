"""A fifth of the training images is set aside and never returned.

Base: keras_functional
File: networks.py
Parts: data
Fails: data.complete
"""

right_prepare = prepare


def prepare(train_images, train_labels, test_images, test_labels):
    x_train, y_train, x_test, y_test = right_prepare(train_images, train_labels, test_images, test_labels)
    kept = int(0.8 * len(x_train))
    return x_train[:kept], y_train[:kept], x_test, y_test
