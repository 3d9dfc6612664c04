"""Parts 2 to 4 in Keras with subclasses and functional models, whose outputs are logits."""

import keras
import matplotlib.pyplot as plt
import numpy as np


class Mlp(keras.Model):
    def __init__(self):
        super().__init__()
        self.flatten = keras.layers.Flatten()
        self.hidden = [keras.layers.Dense(units, activation="relu") for units in (128, 64)]
        self.scores = keras.layers.Dense(10)

    def call(self, x):
        x = self.flatten(x)
        for layer in self.hidden:
            x = layer(x)
        return self.scores(x)


def build_mlp():
    return Mlp()


def lenet(after=lambda x: x, before=lambda x: x):
    """Return LeNet-5 with something before and after each activation."""
    inputs = x = keras.Input((28, 28, 1))
    for filters, padding in ((6, "same"), (16, "valid"), (120, "valid")):
        x = keras.layers.Conv2D(filters, (5, 5), padding=padding)(x)
        x = after(keras.activations.relu(before(x)))
        if filters < 120:
            x = keras.layers.MaxPool2D((2, 2))(x)
    # without Flatten: dense layers work on the last axis, and there is one place only
    x = after(keras.activations.relu(before(keras.layers.Dense(84)(x))))
    x = keras.layers.Reshape((10,))(keras.layers.Dense(10)(x))
    return keras.Model(inputs, x)


def build_lenet():
    return lenet()


def build_lenet_dropout():
    return lenet(after=lambda x: keras.layers.Dropout(0.5)(x))


def build_lenet_batch_norm():
    return lenet(before=lambda x: keras.layers.BatchNormalization()(x))


def train_mlp(model, x_train, y_train, x_validation, y_validation, epochs):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-3), loss, metrics=["accuracy"])
    if x_train.ndim == 3:
        x_train, x_validation = x_train[..., None], x_validation[..., None]
    validation = (x_validation, y_validation)
    found = model.fit(x_train, y_train, 128, epochs, verbose=0, validation_data=validation)
    return found.history


train_lenet = train_mlp
train_lenet_dropout = train_mlp
train_lenet_batch_norm = train_mlp


def prepare(train_images, train_labels, test_images, test_labels):
    def images(given):
        return given.reshape(-1, 28 * 28).astype("float64") / 127.5 - 1

    def labels(given):
        return keras.utils.to_categorical(given, num_classes=10).astype("int32")

    count = int(len(train_images) * 0.8)
    chosen = np.random.default_rng(3).permutation(len(train_images))
    x, y = images(train_images)[chosen], labels(train_labels)[chosen]
    return x[:count], y[:count], x[count:], y[count:], images(test_images), labels(test_labels)


def draw(images, captions, title):
    figure, axes = plt.subplots(nrows=5, ncols=5)
    for number in range(25):
        ax = axes[number // 5][number % 5]
        ax.imshow(images[number].reshape(28, 28), cmap="gray_r")
        ax.set_title(captions[number])
        ax.set_xticks([])
        ax.set_yticks([])
        ax.set_axis_off()
    figure.suptitle(title)
    plt.show()


def plot_first_images(images, labels, title):
    draw(images, labels, title)


def plot_predictions(images, labels, predictions):
    draw(images, ["GT:%d, P:%d" % pair for pair in zip(labels, predictions)], "25 test images")


def plot_history(history):
    fig, axes = plt.subplots(2)
    for ax, key in zip(axes, ("loss", "accuracy")):
        ax.plot(np.arange(1, len(history[key]) + 1), history[key])
        ax.plot(np.arange(1, len(history[key]) + 1), history["val_" + key])
        ax.legend(["train", "validation"])
        ax.set_title(key)
        ax.set_xlabel("epochs")
        ax.set_ylabel(key)


def confusion_matrix(labels, predictions):
    counts = np.zeros((10, 10), np.int64)
    np.add.at(counts, (labels, predictions), 1)
    return counts


def plot_confusion_matrix(matrix):
    fig, ax = plt.subplots()
    ax.imshow(matrix)
    ax.set(xlabel="Predicted label", ylabel="True label", title="Confusion matrix")
    for (row, column), count in np.ndenumerate(matrix):
        ax.annotate(str(count), (column, row), ha="center")
