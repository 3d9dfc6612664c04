"""The dense layer has no batch norm.

Base: torch
File: networks.py
Parts: lenet_batch_norm
Fails: lenet_batch_norm.layers, lenet_batch_norm.parameters
Blocks: lenet_batch_norm.computes, lenet_batch_norm.mode
"""

plain_batch_norm = build_lenet_batch_norm


def build_lenet_batch_norm():
    return nn.Sequential(*[module for module in plain_batch_norm() if not isinstance(module, nn.BatchNorm1d)])
