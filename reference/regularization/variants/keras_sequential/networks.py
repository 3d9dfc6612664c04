"""Eight networks for Fashion-MNIST in Keras, with Sequential models."""

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers


def prepare(images, labels):
    x = (images / 255.0).astype("float32")
    n = round(0.15 * len(x))
    return x[2 * n :], labels[2 * n :], x[:n], labels[:n], x[n : 2 * n], labels[n : 2 * n]


def build_network(convolutions, regularizer):
    kernel_regularizer = keras.regularizers.l2(0.01) if regularizer == "l2" else None
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for _ in range(convolutions):
        model.add(layers.Conv2D(16, 3, activation="relu", kernel_regularizer=kernel_regularizer))
        model.add(layers.MaxPooling2D())
        if regularizer == "dropout":
            model.add(layers.Dropout(0.1))
        elif regularizer == "batch_norm":
            model.add(layers.BatchNormalization())
    model.add(layers.Flatten())
    model.add(layers.Dense(80, activation="relu"))
    if regularizer == "dropout":
        model.add(layers.Dropout(0.1))
    elif regularizer == "batch_norm":
        model.add(layers.BatchNormalization())
    model.add(layers.Dense(10, activation="softmax"))
    return model


def train_network(model, x_train, y_train, x_validation, y_validation, epochs):
    model.compile(optimizer=keras.optimizers.SGD(0.01), loss="categorical_crossentropy", metrics=["accuracy"])
    return model.fit(
        x_train[..., np.newaxis],
        keras.utils.to_categorical(y_train, 10),
        batch_size=100,
        epochs=epochs,
        validation_data=(x_validation[..., np.newaxis], keras.utils.to_categorical(y_validation, 10)),
        verbose=0,
    )


def plot_history(history):
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
    left.plot(history["loss"], label="train")
    left.plot(history["val_loss"], label="validation")
    left.set(title="Loss", xlabel="epoch", ylabel="loss")
    left.legend()
    right.plot(history["accuracy"], label="train")
    right.plot(history["val_accuracy"], label="validation")
    right.set(title="Accuracy", xlabel="epoch", ylabel="accuracy")
    right.legend()
    plt.show()


def plot_kernels(kernels, title):
    rows = 4 if len(kernels) == 16 else 16
    plt.figure(figsize=(8, 8))
    plt.suptitle(title)
    for i, kernel in enumerate(kernels):
        plt.subplot(rows, len(kernels) // rows, i + 1)
        plt.imshow(kernel, cmap=plt.cm.binary)
        plt.axis("off")
    plt.show()
