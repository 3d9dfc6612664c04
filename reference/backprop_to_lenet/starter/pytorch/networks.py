"""Parts 2 to 4 in PyTorch.

Fill in the functions. Keep their names and arguments; helpers of your own are welcome.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn


def plot_first_images(images, labels, title):
    """Show the first 25 images, (N, 28, 28), in a 5×5 grid, titled with their labels, without axes."""
    raise NotImplementedError("plot_first_images is still to be written")


def prepare(train_images, train_labels, test_images, test_labels):
    """Return (x_train, y_train, x_validation, y_validation, x_test, y_test).

    Images flat, (N, 784), and scaled; labels one-hot, (N, 10); training and validation 8 to 2.
    """
    raise NotImplementedError("prepare is still to be written")


def build_mlp():
    """Return the untrained MLP, a torch.nn.Module."""
    raise NotImplementedError("build_mlp is still to be written")


def train_mlp(model, x_train, y_train, x_validation, y_validation, epochs):
    """Train model in place and return the history.

    x are images (N, 28, 28) from 0 to 1, y class numbers (N,). The history is a dict of lists with one number per
    epoch: loss, accuracy, val_loss, val_accuracy.
    """
    raise NotImplementedError("train_mlp is still to be written")


def plot_history(history):
    """Plot loss and accuracy over the epochs, each for training and validation."""
    raise NotImplementedError("plot_history is still to be written")


def confusion_matrix(labels, predictions):
    """Return counts (10, 10): true classes down, predicted classes across."""
    raise NotImplementedError("confusion_matrix is still to be written")


def plot_confusion_matrix(matrix):
    """Draw the matrix with true and predicted labels on the axes."""
    raise NotImplementedError("plot_confusion_matrix is still to be written")


def plot_predictions(images, labels, predictions):
    """Show 25 test images titled like GT:3, P:7."""
    raise NotImplementedError("plot_predictions is still to be written")


def build_lenet():
    """Return the untrained LeNet-5, a torch.nn.Module."""
    raise NotImplementedError("build_lenet is still to be written")


def train_lenet(model, x_train, y_train, x_validation, y_validation, epochs):
    """As train_mlp."""
    raise NotImplementedError("train_lenet is still to be written")


def build_lenet_dropout():
    """Return LeNet-5 with dropout of 0.5 after every hidden layer."""
    raise NotImplementedError("build_lenet_dropout is still to be written")


def train_lenet_dropout(model, x_train, y_train, x_validation, y_validation, epochs):
    """As train_mlp."""
    raise NotImplementedError("train_lenet_dropout is still to be written")


def build_lenet_batch_norm():
    """Return LeNet-5 with batch normalization after every hidden layer, before its ReLU."""
    raise NotImplementedError("build_lenet_batch_norm is still to be written")


def train_lenet_batch_norm(model, x_train, y_train, x_validation, y_validation, epochs):
    """As train_mlp."""
    raise NotImplementedError("train_lenet_batch_norm is still to be written")
