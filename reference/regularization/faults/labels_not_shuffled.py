"""The images are shuffled, the labels are not.

Base: keras_subclass
File: networks.py
Parts: data
Fails: data.labels
"""

right_prepare = prepare


def prepare(images, labels):
    return right_prepare(np.random.default_rng(0).permutation(images), labels)
