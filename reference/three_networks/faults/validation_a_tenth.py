"""A tenth is set aside instead of a twelfth.

Base: keras
File: networks.py
Parts: data
Fails: data.split
"""

right_prepare = prepare


def prepare(train_images, train_labels, test_images, test_labels):
    x_train, y_train, x_validation, y_validation, x_test, y_test = right_prepare(train_images, train_labels, test_images, test_labels)
    # together again, then divided
    x, y = np.concatenate([x_train, x_validation]), np.concatenate([y_train, y_validation])
    cut = len(x) // 10
    return x[cut:], y[cut:], x[:cut], y[:cut], x_test, y_test
