"""The dense layer has no batch norm.

Base: torch_sequential
File: networks.py
Parts: networks
Fails: networks.layers, networks.parameters, networks.computes, networks.batch_norm
"""

right_network = build_network


def build_network(convolutions, regularizer):
    model = right_network(convolutions, regularizer)
    if regularizer == "batch_norm":
        model = nn.Sequential(*[module for module in model if not isinstance(module, nn.BatchNorm1d)])
    return model
