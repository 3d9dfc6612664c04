"""Parts 1 and 2a in Keras, and the step to part 2b.

Fill in the functions. Keep their names and arguments; helpers of your own are welcome.
"""

import keras
import numpy as np
from keras import layers


def build_cnn():
    """Return the untrained network of part 1, a keras.Model."""
    raise NotImplementedError("build_cnn is still to be written")


def train_cnn(model, x_train, y_train, x_validation, y_validation, epochs):
    """Train model in place, leave the best weights by validation loss in it, and return the history.

    x are images (N, 28, 28) float32 from 0 to 1, y class numbers (N,) int64. The history is a dict of lists with one
    number per epoch: loss, accuracy, val_loss, val_accuracy.
    """
    raise NotImplementedError("train_cnn is still to be written")


def build_shallow_cnn():
    """Return the untrained network of part 2a, a keras.Model."""
    raise NotImplementedError("build_shallow_cnn is still to be written")


def train_shallow_cnn(model, x_train, y_train, x_validation, y_validation, epochs):
    """As train_cnn; the weights of the last epoch count."""
    raise NotImplementedError("train_shallow_cnn is still to be written")


def network_weights(network):
    """Return the weights of the network of part 2a as a dict of NumPy arrays, for forward_pass.

    conv1_kernel (3, 3, 1, 64), conv1_bias (64,), dense1_kernel (10816, 1024) with its rows in the order row, column,
    channel, dense1_bias (1024,), logits_kernel (1024, 10), logits_bias (10,).
    """
    raise NotImplementedError("network_weights is still to be written")
