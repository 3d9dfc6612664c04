"""Model answer to parts 1 and 2a in Keras 3: two convolutional networks for Fashion-MNIST.

    part 1      output      parameters                    part 2a     output      parameters
    conv1     28×28×64      2·2·1·64 + 64     =     320   conv1     26×26×64      3·3·1·64 + 64     =      640
    pool1     27×27×64                                0   pool1     13×13×64                                 0
    conv2     27×27×32      2·2·64·32 + 32    =    8224   relu1     13×13×64                                 0
    pool2     26×26×32                                0   flatten      10816                                 0
    flatten      21632                                0   dense1        1024      10816·1024 + 1024 = 11076608
    dense1         256      21632·256 + 256   = 5538048   logits          10      1024·10 + 10      =    10250
    logits          10      256·10 + 10       =    2570                                      in all   11087498
                                       in all   5549162

A 2×2 convolution keeps its size with one more row and one more column of zeros, and which side they are on is a
choice: with TensorFlow, the bottom and the right.

The networks return logits, not probabilities: cross-entropy computed from logits cannot take the logarithm of zero.
``probabilities`` applies the softmax that the handout puts last; it has no parameters.

Weights start as Keras starts them: Glorot-uniform kernels, U(−a, a) with a² = 6 / (fan_in + fan_out), and zero
biases. The published figures were obtained that way. Adam's constants are Keras' own too, written out so that they
stay what they are.
"""

import keras
import tensorflow as tf
from keras import layers

ADAM = {"learning_rate": 1e-3, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}


def build_cnn(seed=0):
    """Return the network of part 1, untrained: 5549162 parameters."""
    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(64, 2, padding="same", activation="relu", name="conv1"),
            layers.MaxPooling2D(2, strides=1, name="pool1"),
            layers.Dropout(0.3, name="dropout1"),
            layers.Conv2D(32, 2, padding="same", activation="relu", name="conv2"),
            layers.MaxPooling2D(2, strides=1, name="pool2"),
            layers.Dropout(0.3, name="dropout2"),
            layers.Flatten(name="flatten"),
            layers.Dense(256, activation="relu", name="dense1"),
            layers.Dropout(0.5, name="dropout3"),
            layers.Dense(10, name="logits"),
        ]
    )


def build_shallow_cnn(seed=0):
    """Return the network of part 2a, untrained: 11087498 parameters. Its ReLU comes after the pooling."""
    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(64, 3, name="conv1"),
            layers.MaxPooling2D(2, name="pool1"),
            layers.ReLU(name="relu1"),
            layers.Flatten(name="flatten"),
            layers.Dense(1024, activation="relu", name="dense1"),
            layers.Dense(10, name="logits"),
        ]
    )


def train(network, training, validation, *, epochs, batch_size=64, seed=0, checkpoint=None, after_epoch=None):
    """Train with Adam on the mean cross-entropy.

    Args:
        network: changed in place.
        training, validation: pairs ``(images, labels)``, (N, 28, 28, 1) and one-hot (N, 10), both float32.
        seed: for the order of the examples. Dropout draws from the seed that the network was built with.
        checkpoint: path of a file, ``.weights.h5`` at its end, for the weights of the epoch whose validation loss is
            lowest; they are loaded again in the end. Without it the network keeps the weights of the last epoch.
        after_epoch: called with the number of the epoch, from 1, and its loss.

    Returns:
        dict of lists with one number per epoch: ``loss``, ``accuracy``, ``validation_loss``, ``validation_accuracy``.
        The first two are means over the epoch's batches, taken while the weights change.
    """
    keras.utils.set_random_seed(seed)
    network.compile(
        optimizer=keras.optimizers.Adam(**ADAM),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    callbacks = []
    if checkpoint is not None:
        keep_best = keras.callbacks.ModelCheckpoint(
            checkpoint, monitor="val_loss", mode="min", save_best_only=True, save_weights_only=True
        )
        callbacks.append(keep_best)
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
    if checkpoint is not None:
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


def train_cnn(network, training, validation, *, checkpoint, epochs=10, **settings):
    """Train the network of part 1 as the handout says: the best weights by validation loss are saved and reloaded.

    Arguments and what is returned: as for :func:`train`.
    """
    return train(network, training, validation, epochs=epochs, checkpoint=checkpoint, **settings)


def train_shallow_cnn(network, training, validation, *, epochs=5, **settings):
    """Train the network of part 2a; the weights of the last epoch count. As :func:`train` otherwise."""
    return train(network, training, validation, epochs=epochs, **settings)


def predict(network, examples):
    """Return the logits (N, 10) of a set of examples, with dropout off."""
    images, _ = examples
    return network.predict(images, batch_size=200, verbose=0)


def probabilities(logits):
    """Return the softmax of logits (N, 10): positive, with a sum of 1 in each row."""
    return keras.ops.convert_to_numpy(keras.ops.softmax(logits, axis=1))


def evaluate(network, examples):
    """Return ``(loss, accuracy)``: the mean cross-entropy and the share of images whose largest logit is right."""
    _, labels = examples
    logits = predict(network, examples)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)(labels, logits)
    return float(loss), float((logits.argmax(axis=1) == labels.argmax(axis=1)).mean())
