"""The pooling takes means.

Base: keras_functional
File: networks.py
Parts: lenet
Fails: lenet.computes
Blocks: lenet.dropout
"""


def build_lenet():
    # one image
    inputs = keras.Input((28, 28, 1))
    x = inputs
    for filters in (32, 64):
        # convolution and pooling
        x = keras.layers.Conv2D(filters, 5, padding="same", activation="relu")(x)
        x = keras.layers.AveragePooling2D(2)(x)
    # the dense part
    x = keras.layers.Flatten()(x)
    x = keras.layers.Activation("relu")(dense(1024)(x))
    x = keras.layers.Dropout(0.5)(x)
    return keras.Model(inputs, dense(10)(x))
