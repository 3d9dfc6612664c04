"""Whole channels are dropped after the pools, where single values should be.

Base: torch_sequential
File: networks.py
Parts: networks
Fails: networks.dropout
"""

right_network = build_network


def build_network(convolutions, regularizer):
    model = right_network(convolutions, regularizer)
    for number, module in enumerate(model):
        if isinstance(module, nn.Dropout) and isinstance(model[number - 1], nn.MaxPool2d):
            model[number] = nn.Dropout2d(0.1)
    return model
