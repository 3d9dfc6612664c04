"""The dense layer of LeNet has a sigmoid, as the one of 1998 had, where the handout asks for ReLU.

Base: torch
File: networks.py
Parts: lenet
Fails: lenet.computes
Blocks: lenet.trains, lenet.training
"""

plain_lenet = build_lenet


def build_lenet():
    network = plain_lenet()
    network[10] = nn.Sigmoid()
    return network
