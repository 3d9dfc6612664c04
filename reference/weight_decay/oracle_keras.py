"""Model answer to parts 2 and 3 in Keras 3: two MLPs and a CNN for MNIST, and a sweep over weight decay.

    MLP         output      parameters                    wide MLP    output      parameters
    flatten        784              0                     flatten        784               0
    dense1          64  784·64 + 64 = 50240               dense1         500  784·500 + 500 = 392500
    dense2          64  64·64 + 64  =  4160               dense2         300  500·300 + 300 = 150300
    logits          10  64·10 + 10  =   650               logits          10  300·10 + 10   =   3010
                             in all   55050                                         in all    545810

    CNN         output      parameters
    conv1     26×26×32      3·3·1·32 + 32    =    320
    pool1     13×13×32                              0
    conv2     11×11×64      3·3·32·64 + 64   =  18496
    pool2       5×5×64                              0
    flatten       1600                              0
    dense1          64      1600·64 + 64     = 102464
    logits          10      64·10 + 10       =    650
                                      in all   121930

The networks return logits, not probabilities: cross-entropy computed from logits cannot take the logarithm of zero.
``probabilities`` applies the softmax that the handout puts last; it has no parameters.

Weight decay adds ``l2_factor`` · Σ w² to the loss, over the kernels (not the biases) of the two hidden layers of the
wide MLP. The losses in a history contain it, those of ``evaluate`` do not.

Weights start as Keras starts them: Glorot-uniform kernels, U(−a, a) with a² = 6 / (fan_in + fan_out), and zero
biases. The published figures were obtained that way. Gradient descent is without momentum.
"""

from functools import partial

import keras
import numpy as np
import tensorflow as tf
from keras import layers

FACTORS = (1e-3, 7.5e-4, 5e-4, 2.5e-4, 1e-6)
SEEDS = (0, 1, 2)


def build_mlp(seed=0):
    """Return the network of 2.1, untrained: 55050 parameters."""
    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Flatten(name="flatten"),
            layers.Dense(64, activation="relu", name="dense1"),
            layers.Dense(64, activation="relu", name="dense2"),
            layers.Dense(10, name="logits"),
        ]
    )


def build_wide_mlp(l2_factor=0.0, seed=0):
    """Return the network of 2.4, untrained: 545810 parameters, with weight decay on the hidden layers if asked for."""
    keras.utils.set_random_seed(seed)
    weight_decay = keras.regularizers.L2(l2_factor)
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Flatten(name="flatten"),
            layers.Dense(500, activation="relu", kernel_regularizer=weight_decay, name="dense1"),
            layers.Dense(300, activation="relu", kernel_regularizer=weight_decay, name="dense2"),
            layers.Dense(10, name="logits"),
        ]
    )


def build_cnn(seed=0):
    """Return the network of part 3, untrained: 121930 parameters."""
    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu", name="conv1"),
            layers.MaxPooling2D(2, name="pool1"),
            layers.Conv2D(64, 3, activation="relu", name="conv2"),
            layers.MaxPooling2D(2, name="pool2"),
            layers.Flatten(name="flatten"),
            layers.Dense(64, activation="relu", name="dense1"),
            layers.Dense(10, name="logits"),
        ]
    )


def train(network, training, validation, *, epochs, batch_size, seed=0, after_epoch=None):
    """Train with stochastic gradient descent, learning rate 0.1, on the mean cross-entropy plus the penalty.

    Args:
        network: changed in place.
        training, validation: pairs ``(images, labels)``, (N, 28, 28, 1) and one-hot (N, 10), both float32.
        seed: for the order of the examples.
        after_epoch: called with the number of the epoch, from 1, and its loss.

    Returns:
        dict of lists with one number per epoch: ``loss``, ``accuracy``, ``validation_loss``, ``validation_accuracy``.
        The first two are means over the epoch's batches, taken while the weights change.
    """
    keras.utils.set_random_seed(seed)
    network.compile(
        optimizer=keras.optimizers.SGD(learning_rate=0.1),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    callbacks = []
    if after_epoch is not None:
        report = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: after_epoch(epoch + 1, logs["loss"]))
        callbacks.append(report)
    log = network.fit(
        shuffled(training, batch_size, seed),
        shuffle=False,
        epochs=epochs,
        validation_data=validation,
        validation_batch_size=1000,
        callbacks=callbacks,
        verbose=0,
    ).history
    return {
        "loss": log["loss"],
        "accuracy": log["accuracy"],
        "validation_loss": log["val_loss"],
        "validation_accuracy": log["val_accuracy"],
    }


def shuffled(examples, batch_size, seed):
    """Return the examples in batches, in a new order every epoch; the same seed gives the same orders.

    ``fit`` can shuffle arrays by itself, but after ``set_random_seed`` it takes the same order in every epoch.
    NumPy arrays would be copied whole for every batch that is taken out of them, tensors are not.
    """
    images, labels = map(tf.constant, examples)
    rows = tf.data.Dataset.range(len(images)).shuffle(len(images), seed=seed).batch(batch_size)
    return rows.map(lambda row: (tf.gather(images, row), tf.gather(labels, row)))


def train_mlp(network, training, validation, *, epochs=10, batch_size=128, **settings):
    """Train the network of 2.1 as the handout says. As :func:`train` otherwise."""
    return train(network, training, validation, epochs=epochs, batch_size=batch_size, **settings)


def train_wide_mlp(network, training, validation, *, epochs=40, batch_size=128, **settings):
    """Train the network of 2.4 as the handout says, with the weight decay it was built with, if any."""
    return train(network, training, validation, epochs=epochs, batch_size=batch_size, **settings)


def train_cnn(network, training, validation, *, epochs=10, batch_size=64, **settings):
    """Train the network of part 3 as the handout says. As :func:`train` otherwise."""
    return train(network, training, validation, epochs=epochs, batch_size=batch_size, **settings)


def train_one(run, training, validation, epochs=40):
    """Train one wide MLP of the sweep and return its history. ``run`` is ``(factor, seed)``."""
    factor, seed = run
    network = build_wide_mlp(l2_factor=factor, seed=seed)
    return train_wide_mlp(network, training, validation, epochs=epochs, seed=seed)


def sweep(training, validation, *, factors=FACTORS, seeds=SEEDS, epochs=40, run_all=map):
    """Train the wide MLP of 2.4b with every factor from every seed: fifteen times by default.

    Args:
        run_all: called like ``map`` with a function and the runs, each ``(factor, seed)``; returns their histories in
            the same order. ``map`` takes one after the other, a pool's ``map`` trains them side by side.

    Returns:
        dict that has, for each factor, a list of histories, one for each seed.
    """
    runs = [(factor, seed) for factor in factors for seed in seeds]
    histories = run_all(partial(train_one, training=training, validation=validation, epochs=epochs), runs)
    by_factor = {factor: [] for factor in factors}
    for (factor, _), history in zip(runs, histories, strict=True):
        by_factor[factor].append(history)
    return by_factor


def error_bars(histories):
    """Return the mean and the standard deviation of what one factor reached: ``(mean, deviation)`` in a dict.

    ``final`` is the validation accuracy after the last epoch, ``best`` that of the best epoch. The deviation is that
    of a sample: its squares are divided by one less than the number of runs.
    """
    curves = [history["validation_accuracy"] for history in histories]
    reached = {"final": [curve[-1] for curve in curves], "best": [max(curve) for curve in curves]}
    return {name: (float(np.mean(values)), float(np.std(values, ddof=1))) for name, values in reached.items()}


def predict(network, examples):
    """Return the logits (N, 10) of a set of examples."""
    images, _ = examples
    return network.predict(images, batch_size=1000, verbose=0)


def probabilities(logits):
    """Return the softmax of logits (N, 10): positive, with a sum of 1 in each row."""
    return keras.ops.convert_to_numpy(keras.ops.softmax(logits, axis=1))


def evaluate(network, examples):
    """Return ``(loss, accuracy)``: the mean cross-entropy and the share of images whose largest logit is right."""
    _, labels = examples
    logits = predict(network, examples)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)(labels, logits)
    return float(loss), float((logits.argmax(axis=1) == labels.argmax(axis=1)).mean())
