"""A dense layer more than the handout has.

Base: torch
File: networks.py
Parts: lenet
Fails: lenet.layers, lenet.parameters
Blocks: lenet.computes, lenet.trains, lenet.training
"""

plain_lenet = build_lenet


def build_lenet():
    return nn.Sequential(*plain_lenet()[:11], nn.Linear(84, 84), nn.ReLU(), nn.Linear(84, 10))
