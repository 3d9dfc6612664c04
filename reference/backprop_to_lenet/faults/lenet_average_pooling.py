"""Averages are pooled where the handout asks for maxima.

Base: torch
File: networks.py
Parts: lenet
Fails: lenet.computes
Blocks: lenet.trains, lenet.training
"""

plain_lenet = build_lenet


def build_lenet():
    network = plain_lenet()
    network[2] = network[5] = nn.AvgPool2d(2)
    return network
