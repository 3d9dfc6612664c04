"""The labels are one-hot.

Base: keras_sequential
File: networks.py
Parts: data
Fails: data.shapes
"""

right_prepare = prepare


def prepare(images, labels):
    return right_prepare(images, keras.utils.to_categorical(labels, 10))
