"""All parts in Keras with functional models and a subclass, whose outputs are logits."""

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import ops


class Mlp(keras.Model):
    """Two hidden layers; takes images with or without a channel."""

    def __init__(self, units):
        super().__init__()
        self.flat = keras.layers.Flatten()
        self.one = keras.layers.Dense(units)
        self.two = keras.layers.Dense(units)
        self.scores = keras.layers.Dense(10)

    def call(self, x):
        x = ops.relu(self.one(self.flat(x)))
        return self.scores(ops.relu(self.two(x)))


def build_mlp():
    return Mlp(64)


def build_wide_mlp(l2_factor=0.0):
    inputs = keras.Input((28, 28))
    x = keras.layers.Reshape((784,))(inputs)
    for units in (500, 300):
        dense = keras.layers.Dense(units, kernel_regularizer=keras.regularizers.L2(l2_factor), name=f"wide_{units}")
        x = keras.layers.ReLU()(dense(x))
    return keras.Model(inputs, keras.layers.Dense(10)(x))


def build_cnn():
    inputs = x = keras.Input((28, 28, 1))
    for filters in (32, 64):
        x = keras.layers.Conv2D(filters, 3, padding="valid")(x)
        x = keras.layers.MaxPool2D()(x)
        x = keras.layers.Activation("relu")(x)
    # a dense layer on a map is a convolution as large as the map
    x = keras.layers.Conv2D(64, 5, activation="relu")(x)
    x = keras.layers.Conv2D(10, 1)(x)
    return keras.Model(inputs, keras.layers.Flatten()(x))


def fit(model, x_train, y_train, x_validation, y_validation, epochs, batch=128):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(learning_rate=0.1), loss, metrics=["accuracy"])
    found = model.fit(x_train, y_train, batch, epochs, verbose=0, validation_data=(x_validation, y_validation))
    return found.history


train_mlp = train_wide_mlp = fit


def train_cnn(model, x_train, y_train, x_validation, y_validation, epochs):
    return fit(model, x_train[..., None], y_train, x_validation[..., None], y_validation, epochs, batch=64)


def prepare(train_images, train_labels, test_images, test_labels):
    results = []
    for pictures, digits in ((train_images, train_labels), (test_images, test_labels)):
        one_hot = np.zeros((len(digits), 10), dtype="float32")
        one_hot[np.arange(len(digits)), digits] = 1
        results += [pictures.reshape(len(pictures), 28, 28, 1).astype("float64") / 255, one_hot]
    return tuple(results)


def plot_accuracy(history):
    figure = plt.figure(figsize=(6, 4))
    ax = figure.add_subplot()
    for name in ["accuracy", "val_accuracy"]:
        ax.plot(list(range(1, 1 + len(history[name]))), history[name], marker="x", label=name)
    ax.set_xlabel("epochs")
    ax.set_ylabel("share of right answers")
    figure.legend()


def plot_sweep(factors, accuracies):
    from statistics import mean, stdev

    rows = [[float(value) for value in row] for row in accuracies]
    plt.errorbar([f"{f:.2e}" for f in factors], [mean(r) for r in rows], yerr=[stdev(r) for r in rows], fmt=".")
    plt.title("Sweep over weight decay")
    plt.xlabel("factor")
    plt.ylabel("accuracy")
