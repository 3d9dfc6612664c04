"""Batch norm stands between the convolution or dense layer and its ReLU.

Base: keras_sequential
File: networks.py
Parts: networks
Fails: networks.layers, networks.computes, networks.batch_norm
"""

right_network = build_network


def build_network(convolutions, regularizer):
    if regularizer != "batch_norm":
        return right_network(convolutions, regularizer)
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for _ in range(convolutions):
        model.add(layers.Conv2D(16, 3))
        model.add(layers.BatchNormalization())
        model.add(layers.Activation("relu"))
        model.add(layers.MaxPooling2D())
    model.add(layers.Flatten())
    model.add(layers.Dense(80))
    model.add(layers.BatchNormalization())
    model.add(layers.Activation("relu"))
    model.add(layers.Dense(10, activation="softmax"))
    return model
