"""The last layer has a softmax, and a softmax layer follows.

Base: keras
File: networks.py
Parts: mlp
Fails: mlp.computes
"""

plain_mlp = build_mlp


def build_mlp():
    # probabilities at the end
    network = plain_mlp()
    network.add(layers.Softmax())
    return network
