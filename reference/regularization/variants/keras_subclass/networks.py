"""Eight networks for Fashion-MNIST in Keras: subclasses that return logits."""

import keras
import matplotlib.pyplot as plt
import numpy as np


class Block(keras.layers.Layer):
    """A layer, what follows it, and the regularizer after that."""

    def __init__(self, layer, pool, regularizer):
        super().__init__()
        self.layer = layer
        self.pool = keras.layers.MaxPool2D((2, 2)) if pool else None
        self.dropout = keras.layers.Dropout(rate=0.1) if regularizer == "dropout" else None
        self.norm = keras.layers.BatchNormalization() if regularizer == "batch_norm" else None

    def call(self, x, training=None):
        x = keras.activations.relu(self.layer(x))
        if self.pool is not None:
            x = self.pool(x)
        if self.dropout is not None:
            x = self.dropout(x, training=training)
        return x if self.norm is None else self.norm(x, training=training)


class FashionModel(keras.Model):
    def __init__(self, convolutions, regularizer):
        super().__init__()
        penalty = "l2" if regularizer == "l2" else None  # 0.01 is what the name stands for
        self.blocks = [
            Block(keras.layers.Conv2D(16, (3, 3), kernel_regularizer=penalty), True, regularizer)
            for _ in range(convolutions)
        ]
        self.flatten = keras.layers.Flatten()
        self.dense = Block(keras.layers.Dense(80), False, regularizer)
        self.scores = keras.layers.Dense(10)

    def call(self, x, training=None):
        for block in self.blocks:
            x = block(x, training=training)
        return self.scores(self.dense(self.flatten(x), training=training))


def build_network(convolutions, regularizer):
    return FashionModel(convolutions, regularizer)


def train_network(model, x_train, y_train, x_validation, y_validation, epochs):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(learning_rate=0.01), loss, metrics=["accuracy"])
    x_train, x_validation = np.expand_dims(x_train, 3), np.expand_dims(x_validation, 3)
    found = model.fit(x_train, y_train, 100, epochs, verbose=0, validation_data=(x_validation, y_validation))
    return found.history


def prepare(images, labels):
    x = images.astype("float64") / 127.5 - 1
    chosen = np.random.default_rng(7).permutation(len(x))
    train, validation, test = np.array_split(chosen, [int(0.7 * len(x)), int(0.85 * len(x))])
    return x[train], labels[train], x[validation], labels[validation], x[test], labels[test]


def plot_history(history):
    for key in ("loss", "accuracy"):
        fig, ax = plt.subplots()
        ax.plot(np.arange(1, len(history[key]) + 1), history[key])
        ax.plot(np.arange(1, len(history[key]) + 1), history["val_" + key])
        ax.legend(["train", "validation"])
        ax.set_title(key)
        ax.set_xlabel("epochs")
        ax.set_ylabel(key)


def plot_kernels(kernels, title):
    columns = 16 if len(kernels) > 16 else 8
    fig, axes = plt.subplots(len(kernels) // columns, columns)
    for number, kernel in enumerate(kernels):
        ax = axes[number // columns][number % columns]
        ax.pcolormesh(kernel)
        ax.axis("off")
    fig.suptitle(title)
    plt.show()
