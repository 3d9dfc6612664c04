"""Images and labels are shuffled, each in an order of its own.

Base: torch
File: networks.py
Parts: data
Fails: data.labels
"""


def prepare(train_images, train_labels, test_images, test_labels):
    x = train_images.reshape(-1, 784) / 255
    y = one_hot(train_labels)
    np.random.shuffle(x)
    np.random.shuffle(y)
    cut = int(0.8 * len(x))
    return x[:cut], y[:cut], x[cut:], y[cut:], test_images.reshape(-1, 784) / 255, one_hot(test_labels)
