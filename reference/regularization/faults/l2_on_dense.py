"""The penalty is on the first dense layer too.

Base: keras_sequential
File: networks.py
Parts: networks
Fails: networks.l2
"""

right_network = build_network


def build_network(convolutions, regularizer):
    if regularizer != "l2":
        return right_network(convolutions, regularizer)
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for _ in range(convolutions):
        model.add(layers.Conv2D(16, 3, activation="relu", kernel_regularizer="l2"))
        model.add(layers.MaxPooling2D())
    model.add(layers.Flatten())
    model.add(layers.Dense(80, activation="relu", kernel_regularizer="l2"))
    model.add(layers.Dense(10, activation="softmax"))
    return model
