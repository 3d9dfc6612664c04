"""The dense layer has no ReLU.

Base: keras_sequential
File: networks.py
Parts: networks
Fails: networks.computes, networks.dropout, networks.batch_norm
"""

right_network = build_network


def build_network(convolutions, regularizer):
    model = right_network(convolutions, regularizer)
    for layer in model.layers:
        if isinstance(layer, layers.Dense) and layer.units == 80:
            layer.activation = keras.activations.linear
    return model
