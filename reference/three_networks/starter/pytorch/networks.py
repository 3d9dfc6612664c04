"""Three networks in PyTorch.

Fill in the functions. Keep their names and arguments; helpers of your own are welcome.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn


def prepare(train_images, train_labels, test_images, test_labels):
    """Return (x_train, y_train, x_validation, y_validation, x_test, y_test).

    Images (N, 28, 28, 1) from 0 to 1; labels one-hot, (N, 10); a twelfth of the training images for validation.
    """
    raise NotImplementedError("prepare is still to be written")


def build_softmax_regression():
    """Return the untrained first network, a torch.nn.Module."""
    raise NotImplementedError("build_softmax_regression is still to be written")


def train_softmax_regression(model, x_train, y_train, x_validation, y_validation, epochs):
    """Train model in place and return the history.

    x are images (N, 28, 28) float32 from 0 to 1, y class numbers (N,). The history is a dict of lists with one number
    per epoch: loss, accuracy, val_loss, val_accuracy. Save the best
    weights by validation loss in checkpoints/, and log for TensorBoard in logs/.
    """
    raise NotImplementedError("train_softmax_regression is still to be written")


def build_mlp():
    """Return the untrained second network, a torch.nn.Module."""
    raise NotImplementedError("build_mlp is still to be written")


def train_mlp(model, x_train, y_train, x_validation, y_validation, epochs):
    """As train_softmax_regression."""
    raise NotImplementedError("train_mlp is still to be written")


def build_lenet():
    """Return the untrained third network, a torch.nn.Module."""
    raise NotImplementedError("build_lenet is still to be written")


def train_lenet(model, x_train, y_train, x_validation, y_validation, epochs):
    """As train_softmax_regression."""
    raise NotImplementedError("train_lenet is still to be written")


def plot_digits(images, labels, predictions):
    """Show ten images (10, 28, 28), titled like "right: 3, assigned: 5", without axes."""
    raise NotImplementedError("plot_digits is still to be written")
