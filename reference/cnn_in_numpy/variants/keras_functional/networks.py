"""A functional network with zero padding as a layer of its own, and a subclass; double precision, logits."""

import keras
import numpy as np
from keras import layers


def convolve(x, count):
    x = layers.ZeroPadding2D(((0, 1), (0, 1)))(x)
    x = layers.Conv2D(count, (2, 2), padding="valid")(x)
    x = layers.ReLU()(x)
    x = layers.MaxPool2D(pool_size=(2, 2), strides=(1, 1))(x)
    return layers.Dropout(rate=0.3)(x)


def build_cnn():
    inputs = keras.Input(shape=(28, 28, 1))
    x = layers.Flatten()(convolve(convolve(inputs, 64), 32))
    x = layers.Dropout(0.5)(layers.Dense(256, "relu")(x))
    return keras.Model(inputs, layers.Dense(10)(x))


class ShallowCNN(keras.Model):
    def __init__(self):
        super().__init__(dtype="float64")
        self.convolution = layers.Conv2D(64, 3, activation="relu", dtype="float64")
        self.pooling = layers.MaxPool2D(2, dtype="float64")
        self.flatten = layers.Reshape((10816,), dtype="float64")
        self.hidden = layers.Dense(1024, activation="relu", dtype="float64")
        self.scores = layers.Dense(10, dtype="float64")

    def call(self, x):
        return self.scores(self.hidden(self.flatten(self.pooling(self.convolution(x)))))


def build_shallow_cnn():
    network = ShallowCNN()
    network(np.zeros((1, 28, 28, 1)))
    return network


def network_weights(network):
    result = {}
    for name, layer in (("conv1", network.convolution), ("dense1", network.hidden), ("logits", network.scores)):
        result[f"{name}_kernel"] = np.array(layer.kernel)
        result[f"{name}_bias"] = np.array(layer.bias)
    return result


def fit(network, x_train, y_train, x_validation, y_validation, epochs):
    network.compile(
        optimizer=keras.optimizers.Adam(),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    validation = (x_validation.reshape(-1, 28, 28, 1), y_validation)
    return network.fit(
        x_train.reshape(-1, 28, 28, 1), y_train, 64, epochs=epochs, validation_data=validation, verbose=0
    )


def train_cnn(model, x_train, y_train, x_validation, y_validation, epochs):
    return fit(model, x_train, y_train, x_validation, y_validation, epochs)


def train_shallow_cnn(model, x_train, y_train, x_validation, y_validation, epochs):
    return fit(model, x_train, y_train, x_validation, y_validation, epochs)
