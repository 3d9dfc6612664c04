"""The convolutions have no biases.

Base: torch
File: networks.py
Parts: lenet
Fails: lenet.parameters
Blocks: lenet.computes, lenet.trains, lenet.training
"""

plain_lenet = build_lenet


def build_lenet():
    network = plain_lenet()
    network[0] = nn.Conv2d(1, 6, 5, padding=2, bias=False)
    network[3] = nn.Conv2d(6, 16, 5, bias=False)
    network[6] = nn.Conv2d(16, 120, 5, bias=False)
    return network
