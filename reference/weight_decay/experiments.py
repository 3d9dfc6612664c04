"""What is trained and measured: two MLPs, the sweep over weight decay, and the CNN.

The sweep is one experiment for each factor, so that its fifteen trainings can run side by side and go on after an
interruption. The handout's validation images are the test images.
"""

from functools import partial

from grader.oracle.experiments import Experiment

FACTORS = (1e-3, 7.5e-4, 5e-4, 2.5e-4, 1e-6)


def prepare(training):
    data = training.dataset
    return training.preparation.prepare(data.train_images, data.train_labels, data.test_images, data.test_labels)


def measured(training, network, history, examples):
    return training.measured(network, history, examples["test"], {"first_accuracy": history["accuracy"][0]})


def mlp(training):
    examples = prepare(training)
    network = training.place(training.oracle.build_mlp(seed=training.seed))
    history = training.oracle.train_mlp(network, examples["training"], examples["validation"], **training.settings)
    return measured(training, network, history, examples)


def wide_mlp(training, l2_factor=0.0):
    examples = prepare(training)
    network = training.place(training.oracle.build_wide_mlp(l2_factor=l2_factor, seed=training.seed))
    history = training.oracle.train_wide_mlp(network, examples["training"], examples["validation"], **training.settings)
    return measured(training, network, history, examples)


def cnn(training):
    examples = prepare(training)
    network = training.place(training.oracle.build_cnn(seed=training.seed))
    history = training.oracle.train_cnn(network, examples["training"], examples["validation"], **training.settings)
    return measured(training, network, history, examples)


EXPERIMENTS = (
    Experiment(name="mlp", title="MLP", data="mnist", epochs=10, train=mlp),
    Experiment(name="wide_mlp", title="wide MLP", data="mnist", epochs=40, train=wide_mlp),
    *(
        Experiment(
            name=f"sweep_{factor:g}",
            title=f"wide MLP, L2 {factor:g}",
            data="mnist",
            epochs=40,
            train=partial(wide_mlp, l2_factor=factor),
            part="sweep",
        )
        for factor in FACTORS
    ),
    Experiment(name="cnn", title="CNN", data="mnist", epochs=10, train=cnn),
)
