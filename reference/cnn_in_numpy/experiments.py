"""What is trained and measured: the CNN of part 1, and that of part 2a, on which the NumPy pass of part 2b is tried."""

import numpy as np

from grader.oracle.experiments import Experiment

COMPARED_IMAGES = 500


def prepare(training):
    data = training.dataset
    return training.preparation.prepare(data.train_images, data.train_labels, data.test_images, data.test_labels)


def cnn(training):
    """The weights that are tested are those of the epoch with the lowest validation loss."""
    examples = prepare(training)
    network = training.place(training.oracle.build_cnn(seed=training.seed))
    history = training.oracle.train_cnn(
        network, examples["training"], examples["validation"], checkpoint=training.checkpoint, **training.settings
    )
    lowest = {
        "first_validation_loss": history["validation_loss"][0],
        "validation_loss": min(history["validation_loss"]),
    }
    return training.measured(network, history, examples["test"], lowest)


def shallow_cnn(training):
    examples = prepare(training)
    network = training.place(training.oracle.build_shallow_cnn(seed=training.seed))
    history = training.oracle.train_shallow_cnn(
        network, examples["training"], examples["validation"], **training.settings
    )
    return training.measured(network, history, examples["test"], numpy_pass(training, network, examples["test"]))


def numpy_pass(training, network, test):
    """Compare what NumPy makes of the network's weights with the network: logits, and the classes they choose."""
    numpy_oracle = training.module("oracle_numpy")
    named = {"torch": numpy_oracle.weights_from_torch, "keras": numpy_oracle.weights_from_keras}
    weights = named[training.framework.name](training.framework.arrays(network))
    images, labels = test[0][:COMPARED_IMAGES], test[1][:COMPARED_IMAGES]
    theirs = training.oracle.predict(network, (images, labels))
    ours = numpy_oracle.forward_pass(images, weights)["logits"]
    return {
        "numpy_largest_logit_difference": float(np.abs(ours - theirs).max()),
        "numpy_same_classes": float((ours.argmax(axis=1) == theirs.argmax(axis=1)).mean()),
    }


EXPERIMENTS = (
    Experiment(name="cnn", title="CNN with dropout", data="fashion-mnist", epochs=10, train=cnn, seeds_full=1),
    Experiment(
        name="shallow_cnn",
        title="CNN, and its forward pass in NumPy",
        data="fashion-mnist",
        epochs=5,
        train=shallow_cnn,
        seeds_full=1,
        also=("oracle_numpy.py",),
    ),
)
