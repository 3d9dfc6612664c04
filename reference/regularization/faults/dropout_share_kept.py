"""The rate is the share that is kept.

Base: keras_sequential
File: networks.py
Parts: networks
Fails: networks.dropout
"""

right_network = build_network


def build_network(convolutions, regularizer):
    model = right_network(convolutions, regularizer)
    for layer in model.layers:
        if isinstance(layer, layers.Dropout):
            layer.rate = 0.9
    return model
