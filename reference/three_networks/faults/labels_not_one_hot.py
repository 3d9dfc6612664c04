"""The labels stay class numbers.

Base: keras_functional
File: networks.py
Parts: data
Fails: data.shapes
"""

right_prepare = prepare


def prepare(train_images, train_labels, test_images, test_labels):
    x_train, y_train, x_validation, y_validation, x_test, y_test = right_prepare(train_images, train_labels, test_images, test_labels)
    numbers = [y.argmax(axis=1) for y in (y_train, y_validation, y_test)]
    return x_train, numbers[0], x_validation, numbers[1], x_test, numbers[2]
