"""Three networks in Keras, with Sequential models that end in a softmax."""

import os  # for paths and folders

import keras  # the framework
import matplotlib.pyplot as plt  # plots
import numpy as np  # arrays
from keras import layers  # to write less


def prepare(train_images, train_labels, test_images, test_labels):
    """Scale, encode, and keep the last twelfth for validation."""
    # (N, 28, 28) becomes (N, 28, 28, 1), from 0 to 1
    x = np.expand_dims(train_images.astype("float32") / 255, -1)
    x_test = np.expand_dims(test_images.astype("float32") / 255, -1)
    # class numbers become rows with a single 1
    y = keras.utils.to_categorical(train_labels, 10)
    y_test = keras.utils.to_categorical(test_labels, 10)
    cut = len(x) - len(x) // 12  # where validation begins
    return x[:cut], y[:cut], x[cut:], y[cut:], x_test, y_test  # in the order of the handout


def start():
    """Return the initial weights of the given programs as arguments of a layer."""
    # every layer needs its own, or they all draw the same numbers
    return {
        "kernel_initializer": keras.initializers.RandomNormal(mean=0.0, stddev=0.1),
        "bias_initializer": keras.initializers.Constant(0.1),
    }


def build_softmax_regression():
    """A single dense layer that starts from zeros."""
    # Keras' biases are zeros anyway
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Flatten(),
            layers.Dense(10, kernel_initializer="zeros", activation="softmax"),
        ]
    )


def build_mlp():
    """One hidden layer of 512 units."""
    # from the image to the probabilities
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Flatten(),
            layers.Dense(512, activation="relu", **start()),
            layers.Dense(10, activation="softmax", **start()),
        ]
    )


def build_lenet():
    """Two convolutions, a large dense layer, dropout."""
    model = keras.Sequential([keras.Input((28, 28, 1))])  # layers are added one by one
    # both convolutions are padded and halved
    for filters in (32, 64):
        model.add(layers.Conv2D(filters, (5, 5), padding="same", activation="relu", **start()))  # 5x5 kernels
        model.add(layers.MaxPooling2D((2, 2)))  # half as high and wide
    # the dense part
    model.add(layers.Flatten())
    model.add(layers.Dense(1024, activation="relu", **start()))
    model.add(layers.Dropout(0.5))
    model.add(layers.Dense(10, activation="softmax", **start()))
    return model  # untrained


def train(model, x_train, y_train, x_validation, y_validation, epochs, name, optimizer, batch_size):
    """Train with a checkpoint of the best epoch and logs for TensorBoard."""
    os.makedirs("checkpoints", exist_ok=True)  # where the best weights go
    # labels are class numbers, so the loss is the sparse one
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    # what happens after every epoch
    callbacks = [
        keras.callbacks.ModelCheckpoint(f"checkpoints/{name}.keras", monitor="val_loss", save_best_only=True),
        keras.callbacks.TensorBoard(os.path.join("logs", name)),
    ]
    # fit shuffles by itself
    return model.fit(
        x_train[..., np.newaxis],
        y_train,
        batch_size=batch_size,
        epochs=epochs,
        validation_data=(x_validation[..., np.newaxis], y_validation),
        callbacks=callbacks,
        verbose=0,
    )


def train_softmax_regression(*arguments):
    """Gradient descent, learning rate 0.5, batches of 100."""
    # SGD without momentum is gradient descent
    return train(*arguments, "softmax_regression", keras.optimizers.SGD(0.5), 100)


def train_mlp(*arguments):
    """Adam, learning rate 1e-4, batches of 50."""
    # the other constants are those of TensorFlow 1
    return train(*arguments, "mlp", keras.optimizers.Adam(1e-4), 50)


def train_lenet(*arguments):
    """Adam, learning rate 1e-4, batches of 50."""
    # the other constants are those of TensorFlow 1
    return train(*arguments, "lenet", keras.optimizers.Adam(1e-4), 50)


def plot_digits(images, labels, predictions):
    """Show ten digits with both labels."""
    plt.figure(figsize=(12, 6))  # room for the titles
    # number is the place in the grid, from 1
    for number, image in enumerate(images, start=1):
        plt.subplot(2, 5, number)  # two rows of five
        # the digit and what it is taken for
        plt.imshow(image, cmap="gray")
        plt.title(f"right: {labels[number - 1]}\nassigned: {predictions[number - 1]}")
        plt.axis("off")
    plt.tight_layout()  # titles must not overlap
    plt.show()  # done
