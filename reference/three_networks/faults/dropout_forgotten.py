"""There is no dropout.

Base: keras
File: networks.py
Parts: lenet
Fails: lenet.dropout
"""

plain_lenet = build_lenet


def build_lenet():
    return keras.Sequential([layer for layer in plain_lenet().layers if not isinstance(layer, layers.Dropout)])
