"""Gina. Parts 2 to 4 in Keras; I have not saved my weights."""

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers


def grid(images, titles, title):
    plt.figure(figsize=(8, 8))
    plt.suptitle(title)
    for i in range(25):
        plt.subplot(5, 5, i + 1)
        plt.imshow(images[i], cmap=plt.cm.binary)
        plt.title(titles[i])
        plt.axis("off")
    plt.show()


def plot_first_images(images, labels, title):
    grid(images, [str(label) for label in labels[:25]], title)


def prepare(train_images, train_labels, test_images, test_labels):
    x = (train_images / 255.0).astype("float32").reshape(len(train_images), 784)
    x_test = (test_images / 255.0).astype("float32").reshape(len(test_images), 784)
    y = keras.utils.to_categorical(train_labels, 10)
    y_test = keras.utils.to_categorical(test_labels, 10)
    n = round(len(x) * 0.2)
    return x[n:], y[n:], x[:n], y[:n], x_test, y_test


def build_mlp():
    return keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def build_lenet():
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(6, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(16, 5, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(120, 5, activation="relu"),
            layers.Flatten(),
            layers.Dense(84, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def build_lenet_dropout():
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(6, 5, padding="same", activation="relu"),
            layers.Dropout(0.5),
            layers.MaxPooling2D(),
            layers.Conv2D(16, 5, activation="relu"),
            layers.Dropout(0.5),
            layers.MaxPooling2D(),
            layers.Conv2D(120, 5, activation="relu"),
            layers.Dropout(0.5),
            layers.Flatten(),
            layers.Dense(84, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )


def build_lenet_batch_norm():
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for filters, padding, pool in ((6, "same", True), (16, "valid", True), (120, "valid", False)):
        model.add(layers.Conv2D(filters, 5, padding=padding))
        model.add(layers.BatchNormalization())
        model.add(layers.Activation("relu"))
        if pool:
            model.add(layers.MaxPooling2D())
    model.add(layers.Flatten())
    model.add(layers.Dense(84))
    model.add(layers.BatchNormalization())
    model.add(layers.Activation("relu"))
    model.add(layers.Dense(10, activation="softmax"))
    return model


def train(model, x_train, y_train, x_validation, y_validation, epochs):
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    return model.fit(
        x_train,
        keras.utils.to_categorical(y_train, 10),
        batch_size=128,
        epochs=epochs,
        validation_data=(x_validation, keras.utils.to_categorical(y_validation, 10)),
        verbose=0,
    )


def train_mlp(model, x_train, y_train, x_validation, y_validation, epochs):
    return train(model, x_train, y_train, x_validation, y_validation, epochs)


def train_lenet(model, x_train, y_train, x_validation, y_validation, epochs):
    return train(model, x_train[..., np.newaxis], y_train, x_validation[..., np.newaxis], y_validation, epochs)


train_lenet_dropout = train_lenet_batch_norm = train_lenet


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


def confusion_matrix(labels, predictions):
    return np.array([[np.sum((labels == i) & (predictions == j)) for j in range(10)] for i in range(10)])


def plot_confusion_matrix(matrix):
    figure, ax = plt.subplots(figsize=(8, 8))
    shown = ax.matshow(matrix, cmap="Blues")
    figure.colorbar(shown)
    ax.set_xlabel("Predicted")
    ax.set_ylabel("True")
    ax.set_title("Confusion matrix on the test set")
    plt.show()


def plot_predictions(images, labels, predictions):
    grid(images, [f"GT:{t}, P:{p}" for t, p in zip(labels, predictions)], "Predictions")
