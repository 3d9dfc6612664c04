"""Model answer in Keras 3: softmax regression, an MLP and a variant of LeNet for MNIST.

    softmax     output      parameters                    LeNet variant  output      parameters
    flatten        784             0                      conv1     28×28×32     5·5·1·32 + 32    =     832
    logits          10  784·10 + 10 = 7850                pool1     14×14×32                              0
                                                          conv2     14×14×64     5·5·32·64 + 64   =   51264
    MLP         output      parameters                    pool2       7×7×64                              0
    flatten        784                0                   flatten       3136                              0
    dense1         512  784·512 + 512 = 401920            dense1        1024     3136·1024 + 1024 = 3212288
    logits          10  512·10 + 10   =   5130            logits          10     1024·10 + 10     =   10250
                               in all   407050                                             in all   3274634

The networks return logits, not probabilities: cross-entropy computed from logits cannot take the logarithm of zero.
``probabilities`` applies the softmax that the handout puts last; it has no parameters.

Weights start as in the given programs: the MLP and the LeNet variant from N(0, 0.1), 0.1 being the standard
deviation, with biases of 0.1, the softmax regression from zeros. Keras' own, Glorot-uniform kernels
and zero biases, are not used. Adam's constants are Keras' own but for the learning rate.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

ADAM = {"learning_rate": 1e-4, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}


def build_softmax_regression(seed=0):  # noqa: ARG001 - every network is built with a seed; this one draws nothing
    """Return the first network, untrained: 7850 parameters, all zero."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Flatten(name="flatten"),
            layers.Dense(10, kernel_initializer="zeros", bias_initializer="zeros", name="logits"),
        ]
    )


def build_mlp(seed=0):
    """Return the second network, untrained: 407050 parameters."""
    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Flatten(name="flatten"),
            layers.Dense(512, activation="relu", **initial_weights(), name="dense1"),
            layers.Dense(10, **initial_weights(), name="logits"),
        ]
    )


def build_lenet(seed=0):
    """Return the third network, untrained: 3274634 parameters. Half of what the first dense layer gives is dropped."""
    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 5, padding="same", activation="relu", **initial_weights(), name="conv1"),
            layers.MaxPooling2D(2, name="pool1"),
            layers.Conv2D(64, 5, padding="same", activation="relu", **initial_weights(), name="conv2"),
            layers.MaxPooling2D(2, name="pool2"),
            layers.Flatten(name="flatten"),
            layers.Dense(1024, activation="relu", **initial_weights(), name="dense1"),
            layers.Dropout(0.5, name="dropout1"),
            layers.Dense(10, **initial_weights(), name="logits"),
        ]
    )


def initial_weights():
    """Return the arguments that start a layer as the given programs do. Each layer needs its own: one initializer
    gives the same numbers every time it draws.
    """
    return {
        "kernel_initializer": keras.initializers.RandomNormal(mean=0.0, stddev=0.1),
        "bias_initializer": keras.initializers.Constant(0.1),
    }


def train(
    network,
    training,
    validation,
    *,
    optimizer,
    checkpoint,
    epochs,
    batch_size,
    seed=0,
    log_folder=None,
    after_epoch=None,
):
    """Train on the mean cross-entropy; in the end the network has the weights whose validation loss was lowest.

    Args:
        network: changed in place.
        training, validation: pairs ``(images, labels)``, (N, 28, 28, 1) and one-hot (N, 10), both float32.
        optimizer: a new one.
        checkpoint: path of a file, ``.weights.h5`` at its end, for the best weights so far.
        seed: for the order of the examples. Dropout draws from the seed that the network was built with.
        log_folder: folder for TensorBoard, which shows it with ``tensorboard --logdir FOLDER``. Writing it takes the
            package ``tensorboard``; None writes nothing.
        after_epoch: called with the number of the epoch, from 1, and its loss.

    Returns:
        dict of lists with one number per epoch: ``loss``, ``accuracy``, ``validation_loss``, ``validation_accuracy``.
        The first two are means over the epoch's batches, taken while the weights change.
    """
    keras.utils.set_random_seed(seed)
    network.compile(
        optimizer=optimizer,
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    callbacks = [
        keras.callbacks.ModelCheckpoint(
            checkpoint, monitor="val_loss", mode="min", save_best_only=True, save_weights_only=True
        )
    ]
    if log_folder is not None:
        callbacks.append(keras.callbacks.TensorBoard(log_folder))
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
    network.load_weights(checkpoint)
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


def train_softmax_regression(network, training, validation, *, checkpoint, epochs=18, batch_size=100, **settings):
    """Train the first network as given: gradient descent with learning rate 0.5. As :func:`train` otherwise."""
    optimizer = keras.optimizers.SGD(learning_rate=0.5)
    how = {"optimizer": optimizer, "checkpoint": checkpoint, "epochs": epochs, "batch_size": batch_size}
    return train(network, training, validation, **how, **settings)


def train_mlp(network, training, validation, *, checkpoint, epochs=18, batch_size=50, **settings):
    """Train the second network as given: Adam with learning rate 1e-4. As :func:`train` otherwise."""
    optimizer = keras.optimizers.Adam(**ADAM)
    how = {"optimizer": optimizer, "checkpoint": checkpoint, "epochs": epochs, "batch_size": batch_size}
    return train(network, training, validation, **how, **settings)


def train_lenet(network, training, validation, *, checkpoint, epochs=18, batch_size=50, **settings):
    """Train the third network as given: Adam with learning rate 1e-4. As :func:`train` otherwise."""
    optimizer = keras.optimizers.Adam(**ADAM)
    how = {"optimizer": optimizer, "checkpoint": checkpoint, "epochs": epochs, "batch_size": batch_size}
    return train(network, training, validation, **how, **settings)


def predict(network, examples):
    """Return the logits (N, 10) of a set of examples, with dropout off."""
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


def random_digits(network, examples, count=10, seed=0):
    """Draw some examples and say what the network takes them for.

    Returns:
        ``(images, right, assigned)``: images (count, 28, 28, 1), and their true and predicted classes (count,).
    """
    images, labels = examples
    drawn = np.random.default_rng(seed).choice(len(images), count, replace=False)
    chosen = images[drawn], labels[drawn]
    return chosen[0], chosen[1].argmax(axis=1), predict(network, chosen).argmax(axis=1)
