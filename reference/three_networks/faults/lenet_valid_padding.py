"""The convolutions are not padded, which is the default of the framework.

Base: keras
File: networks.py
Parts: lenet
Fails: lenet.layers, lenet.parameters
Blocks: lenet.computes, lenet.dropout
"""


def build_lenet():
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for filters in (32, 64):
        # convolution and pooling
        model.add(layers.Conv2D(filters, (5, 5), activation="relu", **start()))
        model.add(layers.MaxPooling2D((2, 2)))
    # the dense part
    model.add(layers.Flatten())
    model.add(layers.Dense(1024, activation="relu", **start()))
    model.add(layers.Dropout(0.5))
    model.add(layers.Dense(10, activation="softmax", **start()))
    return model
