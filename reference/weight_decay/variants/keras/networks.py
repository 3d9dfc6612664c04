"""All parts in Keras, with Sequential models that end in a softmax."""

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers


def prepare(train_images, train_labels, test_images, test_labels):
    x_train = np.expand_dims(train_images.astype("float32") / 255, -1)
    x_test = np.expand_dims(test_images.astype("float32") / 255, -1)
    return x_train, keras.utils.to_categorical(train_labels, 10), x_test, keras.utils.to_categorical(test_labels, 10)


def build_mlp():
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def build_wide_mlp(l2_factor=0.0):
    model = keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten()])
    for units in (500, 300):
        model.add(layers.Dense(units, activation="relu", kernel_regularizer=keras.regularizers.l2(l2_factor)))
    model.add(layers.Dense(10, activation="softmax"))
    return model


def build_cnn():
    return keras.Sequential(
        [
            layers.Conv2D(32, kernel_size=(3, 3), activation="relu", input_shape=(28, 28, 1)),
            layers.MaxPooling2D(pool_size=(2, 2)),
            layers.Conv2D(64, kernel_size=(3, 3), activation="relu"),
            layers.MaxPooling2D(pool_size=(2, 2)),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def train(model, x_train, y_train, x_validation, y_validation, epochs, batch_size=128):
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model.fit(
        x_train[..., np.newaxis],
        y_train,
        batch_size=batch_size,
        epochs=epochs,
        validation_data=(x_validation[..., np.newaxis], y_validation),
        verbose=0,
    )


def train_mlp(*arguments):
    return train(*arguments)


def train_wide_mlp(*arguments):
    return train(*arguments)


def train_cnn(*arguments):
    return train(*arguments, batch_size=64)


def plot_accuracy(history):
    plt.plot(history["accuracy"])
    plt.plot(history["val_accuracy"])
    plt.title("Model accuracy")
    plt.ylabel("Accuracy")
    plt.xlabel("Epoch")
    plt.legend(["Train", "Validation"], loc="upper left")
    plt.show()


def plot_sweep(factors, accuracies):
    accuracies = np.array(accuracies)
    order = np.argsort(factors)
    mean, std = accuracies.mean(1)[order], accuracies.std(1)[order]
    fig, ax = plt.subplots(figsize=(8, 5))
    ax.errorbar(np.array(factors)[order], mean, yerr=std, ecolor="red", capsize=5)
    ax.set_xscale("log")
    ax.set_xlabel("L2 factor")
    ax.set_ylabel("Test accuracy")
    fig.suptitle("Accuracy by L2 factor")
    plt.show()
