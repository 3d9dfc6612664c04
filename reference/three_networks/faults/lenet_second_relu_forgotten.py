"""The second convolution has no ReLU.

Base: torch
File: networks.py
Parts: lenet
Fails: lenet.computes
Blocks: lenet.dropout
"""

plain_lenet = build_lenet


def build_lenet():
    modules = list(plain_lenet())
    del modules[4]
    return nn.Sequential(*modules)
