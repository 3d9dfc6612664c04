"""The training set is cut off at the wrong end, so that it holds the validation images too.

Base: torch_sequential
File: networks.py
Parts: data
Fails: data.split
"""


def prepare(images, labels):
    x = images.astype(np.float32) / 255
    first, second = int(0.7 * len(x)), int(0.85 * len(x))
    return x[:second], labels[:second], x[first:second], labels[first:second], x[second:], labels[second:]
