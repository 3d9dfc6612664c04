"""All parts in Keras.

Fill in the functions. Keep their names and arguments; helpers of your own are welcome.
"""

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers


def prepare(train_images, train_labels, test_images, test_labels):
    """Return (x_train, y_train, x_test, y_test).

    Images (N, 28, 28, 1) float32 from 0 to 1; labels one-hot, (N, 10).
    """
    raise NotImplementedError("prepare is still to be written")


def build_mlp():
    """Return the untrained MLP, a keras.Model."""
    raise NotImplementedError("build_mlp is still to be written")


def train_mlp(model, x_train, y_train, x_validation, y_validation, epochs):
    """Train model in place and return the history.

    x are images (N, 28, 28) float32 from 0 to 1, y class numbers (N,). The history is a dict of lists with one number
    per epoch: loss, accuracy, val_loss, val_accuracy.
    """
    raise NotImplementedError("train_mlp is still to be written")


def plot_accuracy(history):
    """Plot the accuracy over the epochs, in training and in validation."""
    raise NotImplementedError("plot_accuracy is still to be written")


def build_wide_mlp(l2_factor=0.0):
    """Return the untrained wider MLP, a keras.Model; l2_factor is the factor of its penalty."""
    raise NotImplementedError("build_wide_mlp is still to be written")


def train_wide_mlp(model, x_train, y_train, x_validation, y_validation, epochs):
    """As train_mlp, with the penalty that the model was built with."""
    raise NotImplementedError("train_wide_mlp is still to be written")


def plot_sweep(factors, accuracies):
    """Plot the mean accuracy of each factor, with one standard deviation to each side.

    factors is (5,), accuracies is (5, 3): three runs for each factor.
    """
    raise NotImplementedError("plot_sweep is still to be written")


def build_cnn():
    """Return the untrained CNN, a keras.Model."""
    raise NotImplementedError("build_cnn is still to be written")


def train_cnn(model, x_train, y_train, x_validation, y_validation, epochs):
    """As train_mlp."""
    raise NotImplementedError("train_cnn is still to be written")
