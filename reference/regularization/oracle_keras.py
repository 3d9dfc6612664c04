"""Model answer in Keras 3: eight networks for Fashion-MNIST, with one or two convolutions and four regularizers.

    one convolution  output   parameters                  two convolutions  output   parameters
    conv1      26×26×16      3·3·1·16 + 16 =    160       conv1      26×26×16      3·3·1·16 + 16  =   160
    pool1      13×13×16                           0       pool1      13×13×16                           0
    flatten        2704                           0       conv2      11×11×16      3·3·16·16 + 16 =  2320
    dense1           80      2704·80 + 80  = 216400       pool2        5×5×16                           0
    logits           10      80·10 + 10    =    810       flatten         400                           0
                                    in all   217370       dense1           80      400·80 + 80    = 32080
                                                          logits           10      80·10 + 10     =   810
    Batch norm adds 4 numbers for each channel it                                          in all   35370
    works on, of which 2, mean and variance, are not trained: 4·(16 + 80) = 384 with one convolution, 4·(16 + 16 + 80)
    = 448 with two. L2 and dropout add none.

``build(convolutions, regularizer)`` makes any of the eight. Dropout (a tenth) and batch norm stand after each pool
and after the first dense layer's ReLU. L2 adds 0.01 · Σ w² over the convolutions' kernels (not their biases) to the
loss; the losses in a history contain it, those of ``evaluate`` do not.

The networks return logits, not probabilities: cross-entropy computed from logits cannot take the logarithm of zero.
``probabilities`` applies the softmax that the handout puts last; it has no parameters.

Weights start as Keras starts them: Glorot-uniform kernels, U(−a, a) with a² = 6 / (fan_in + fan_out), and zero
biases. The published figures were obtained that way. The constants of batch norm are Keras' own too, written out so
that they stay what they are.
"""

import keras
import tensorflow as tf
from keras import layers

REGULARIZERS = ("none", "l2", "dropout", "batch_norm")
GRID = [(convolutions, regularizer) for convolutions in (1, 2) for regularizer in REGULARIZERS]
L2_FACTOR = 0.01
DROPPED = 0.1
BATCH_NORM = {"momentum": 0.99, "epsilon": 1e-3}


def build(convolutions, regularizer="none", seed=0):
    """Return one of the eight networks, untrained.

    Args:
        convolutions: how many convolutional layers, 1 or 2.
        regularizer: one of ``REGULARIZERS``.

    Raises:
        ValueError: there is no such regularizer.
    """
    if regularizer not in REGULARIZERS:
        raise ValueError(f"regularizer is {regularizer!r}; it can be {', '.join(REGULARIZERS)}")
    keras.utils.set_random_seed(seed)
    penalty = keras.regularizers.L2(L2_FACTOR) if regularizer == "l2" else None
    network = keras.Sequential([keras.Input((28, 28, 1))])
    for number in range(1, convolutions + 1):
        network.add(layers.Conv2D(16, 3, activation="relu", kernel_regularizer=penalty, name=f"conv{number}"))
        network.add(layers.MaxPooling2D(2, name=f"pool{number}"))
        if regularizer == "dropout":
            network.add(layers.Dropout(DROPPED, name=f"dropout{number}"))
        if regularizer == "batch_norm":
            network.add(layers.BatchNormalization(**BATCH_NORM, name=f"norm{number}"))
    network.add(layers.Flatten(name="flatten"))
    network.add(layers.Dense(80, activation="relu", name="dense1"))
    if regularizer == "dropout":
        network.add(layers.Dropout(DROPPED, name="dropout_dense1"))
    if regularizer == "batch_norm":
        network.add(layers.BatchNormalization(**BATCH_NORM, name="norm_dense1"))
    network.add(layers.Dense(10, name="logits"))
    return network


def train(network, training, validation=None, *, epochs=5, batch_size=100, seed=0, after_epoch=None):
    """Train with stochastic gradient descent, learning rate 0.01, on the mean cross-entropy plus the penalty.

    Args:
        network: changed in place.
        training, validation: pairs ``(images, labels)``, (N, 28, 28, 1) and one-hot (N, 10), both float32. Without
            validation, as when the best network is trained again, its two lists stay empty.
        seed: for the order of the examples. Dropout draws from the seed that the network was built with.
        after_epoch: called with the number of the epoch, from 1, and its loss.

    Returns:
        dict of lists with one number per epoch: ``loss``, ``accuracy``, ``validation_loss``, ``validation_accuracy``.
        The first two are means over the epoch's batches, taken while the weights change.
    """
    keras.utils.set_random_seed(seed)
    network.compile(
        optimizer=keras.optimizers.SGD(learning_rate=0.01),
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
        "validation_loss": log.get("val_loss", []),
        "validation_accuracy": log.get("val_accuracy", []),
    }


def shuffled(examples, batch_size, seed):
    """Return the examples in batches, in a new order every epoch; the same seed gives the same orders.

    ``fit`` can shuffle arrays by itself, but after ``set_random_seed`` it takes the same order in every epoch.
    NumPy arrays would be copied whole for every batch that is taken out of them, tensors are not.
    """
    images, labels = map(tf.constant, examples)
    rows = tf.data.Dataset.range(len(images)).shuffle(len(images), seed=seed).batch(batch_size)
    return rows.map(lambda row: (tf.gather(images, row), tf.gather(labels, row)))


def predict(network, examples):
    """Return the logits (N, 10) of a set of examples: with dropout off, and batch norm on its running figures."""
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


def kernels(network):
    """Return the kernels of each convolution, (3, 3, in, out): one 3×3 picture for each pair of channels."""
    return [layer.get_weights()[0] for layer in network.layers if isinstance(layer, layers.Conv2D)]
