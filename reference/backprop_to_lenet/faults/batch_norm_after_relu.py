"""Batch norm stands after each ReLU instead of before it.

Base: torch
File: networks.py
Parts: lenet_batch_norm
Fails: lenet_batch_norm.computes
Blocks: lenet_batch_norm.mode
"""

plain_batch_norm = build_lenet_batch_norm


def build_lenet_batch_norm():
    modules = list(plain_batch_norm())
    for number, module in enumerate(list(modules)):
        if isinstance(module, (nn.BatchNorm2d, nn.BatchNorm1d)):
            modules[number : number + 2] = [nn.ReLU(), module]
    return nn.Sequential(*modules)
