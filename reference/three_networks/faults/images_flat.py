"""The images are flat, as the given programs have them.

Base: torch_subclass
File: networks.py
Parts: data
Fails: data.shapes
"""

right_prepare = prepare


def prepare(train_images, train_labels, test_images, test_labels):
    x_train, y_train, x_validation, y_validation, x_test, y_test = right_prepare(train_images, train_labels, test_images, test_labels)
    flat = [x.reshape(len(x), 784) for x in (x_train, x_validation, x_test)]
    return flat[0], y_train, flat[1], y_validation, flat[2], y_test
