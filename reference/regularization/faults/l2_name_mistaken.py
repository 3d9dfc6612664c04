"""The regularizer is compared with another name, so the network has no penalty.

Base: keras_subclass
File: networks.py
Parts: networks
Fails: networks.l2
"""


def build_network(convolutions, regularizer):
    return FashionModel(convolutions, "L2" if regularizer == "l2" else regularizer)
