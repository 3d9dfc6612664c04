"""The hidden dense layer has no activation.

Base: keras_functional
File: networks.py
Parts: cnn
Fails: cnn.computes
"""


def build_cnn():
    inputs = x = keras.Input((28, 28, 1))
    for filters in (32, 64):
        x = keras.layers.Conv2D(filters, 3, activation="relu")(x)
        x = keras.layers.MaxPool2D()(x)
    x = keras.layers.Dense(64)(keras.layers.Flatten()(x))
    return keras.Model(inputs, keras.layers.Dense(10)(x))
