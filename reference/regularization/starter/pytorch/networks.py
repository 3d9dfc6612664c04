"""Eight networks for Fashion-MNIST, in PyTorch.

Fill in the functions. Keep their names and arguments; helpers of your own are welcome.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn


def prepare(images, labels):
    """Return (x_train, y_train, x_validation, y_validation, x_test, y_test), split 70 to 15 to 15.

    Images (N, 28, 28), scaled; labels are class numbers, (N,).
    """
    raise NotImplementedError("prepare is still to be written")


def build_network(convolutions, regularizer):
    """Return one of the eight networks, untrained, a torch.nn.Module.

    convolutions is 1 or 2; regularizer is "none", "l2", "dropout" or "batch_norm".
    """
    raise NotImplementedError("build_network is still to be written")


def l2_penalty(model):
    """Return 0.01 · Σ w² over the kernels of the convolutions, and 0 for a network without L2.

    Add it to the loss in train_network.
    """
    raise NotImplementedError("l2_penalty is still to be written")


def train_network(model, x_train, y_train, x_validation, y_validation, epochs):
    """Train model in place and return the history.

    x are images (N, 28, 28) from 0 to 1, y class numbers (N,). The history is a dict of lists with one number per
    epoch: loss, accuracy, val_loss, val_accuracy.
    """
    raise NotImplementedError("train_network is still to be written")


def plot_history(history):
    """Plot loss and accuracy over the epochs, each for training and validation."""
    raise NotImplementedError("plot_history is still to be written")


def plot_kernels(kernels, title):
    """Show kernels, (N, 3, 3), in their order: one picture for each, without axes, and title over the whole."""
    raise NotImplementedError("plot_kernels is still to be written")
