"""The last dense layer has a softmax, and a softmax layer follows.

Base: keras
File: networks.py
Parts: lenet
Fails: lenet.computes
Blocks: lenet.trains, lenet.training
"""

plain_lenet = build_lenet


def build_lenet():
    network = plain_lenet()
    network.add(layers.Softmax())
    return network
