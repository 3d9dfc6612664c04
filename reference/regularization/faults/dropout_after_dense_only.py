"""Dropout after the pools is forgotten.

Base: torch_sequential
File: networks.py
Parts: networks
Fails: networks.dropout
"""

right_network = build_network


def build_network(convolutions, regularizer):
    model = right_network(convolutions, regularizer)
    if regularizer != "dropout":
        return model
    dropouts = [module for module in model if isinstance(module, nn.Dropout)]
    model = nn.Sequential(*[module for module in model if module not in dropouts[:-1]])
    model.has_penalty = False
    return model
