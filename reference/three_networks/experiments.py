"""What is trained and measured: softmax regression, an MLP and a variant of LeNet.

The weights that are tested are those of the epoch with the lowest validation loss.
"""

from grader.oracle.experiments import Experiment


def prepare(training):
    data = training.dataset
    return training.preparation.prepare(data.train_images, data.train_labels, data.test_images, data.test_labels)


def softmax_regression(training):
    examples = prepare(training)
    network = training.place(training.oracle.build_softmax_regression(seed=training.seed))
    history = training.oracle.train_softmax_regression(
        network, examples["training"], examples["validation"], checkpoint=training.checkpoint, **training.settings
    )
    return training.measured(network, history, examples["test"])


def mlp(training):
    examples = prepare(training)
    network = training.place(training.oracle.build_mlp(seed=training.seed))
    history = training.oracle.train_mlp(
        network, examples["training"], examples["validation"], checkpoint=training.checkpoint, **training.settings
    )
    return training.measured(network, history, examples["test"])


def lenet(training):
    examples = prepare(training)
    network = training.place(training.oracle.build_lenet(seed=training.seed))
    history = training.oracle.train_lenet(
        network, examples["training"], examples["validation"], checkpoint=training.checkpoint, **training.settings
    )
    return training.measured(network, history, examples["test"])


EXPERIMENTS = (
    Experiment(
        name="softmax_regression", title="softmax regression", data="mnist", epochs=18, train=softmax_regression
    ),
    Experiment(name="mlp", title="MLP", data="mnist", epochs=18, train=mlp),
    Experiment(name="lenet", title="variant of LeNet", data="mnist", epochs=18, train=lenet, seeds_full=1),
)
