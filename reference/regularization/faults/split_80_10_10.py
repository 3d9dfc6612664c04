"""Split 80 to 10 to 10.

Base: keras_sequential
File: networks.py
Parts: data
Fails: data.split
"""


def prepare(images, labels):
    x = (images / 255.0).astype("float32")
    n = len(x) // 10
    return x[2 * n :], labels[2 * n :], x[:n], labels[:n], x[n : 2 * n], labels[n : 2 * n]
