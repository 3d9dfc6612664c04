"""What is trained and measured for parts 3 and 4: the MLP, and LeNet-5 plain, with dropout and with batch norm."""

from grader.oracle.experiments import Experiment


def prepare(training):
    data = training.dataset
    return training.preparation.prepare(data.train_images, data.train_labels, data.test_images, data.test_labels)


def measured(training, network, history, examples):
    test = examples["test"]
    return training.measured(
        network, history, test, arrays={"confusion_matrix": training.oracle.confusion_matrix(network, test)}
    )


def mlp(training):
    examples = prepare(training)
    network = training.place(training.oracle.build_mlp(seed=training.seed))
    history = training.oracle.train_mlp(network, examples["training"], examples["validation"], **training.settings)
    return measured(training, network, history, examples)


def lenet(training):
    examples = prepare(training)
    network = training.place(training.oracle.build_lenet(seed=training.seed))
    history = training.oracle.train_lenet(network, examples["training"], examples["validation"], **training.settings)
    return measured(training, network, history, examples)


def lenet_dropout(training):
    examples = prepare(training)
    network = training.place(training.oracle.build_lenet_dropout(seed=training.seed))
    history = training.oracle.train_lenet_dropout(
        network, examples["training"], examples["validation"], **training.settings
    )
    return measured(training, network, history, examples)


def lenet_batch_norm(training):
    examples = prepare(training)
    network = training.place(training.oracle.build_lenet_batch_norm(seed=training.seed))
    history = training.oracle.train_lenet_batch_norm(
        network, examples["training"], examples["validation"], **training.settings
    )
    return measured(training, network, history, examples)


EXPERIMENTS = (
    Experiment(name="mlp", title="MLP", data="fashion-mnist", epochs=20, train=mlp),
    Experiment(name="lenet", title="LeNet-5", data="fashion-mnist", epochs=10, train=lenet),
    Experiment(
        name="lenet_dropout", title="LeNet-5 with dropout", data="fashion-mnist", epochs=15, train=lenet_dropout
    ),
    Experiment(
        name="lenet_batch_norm",
        title="LeNet-5 with batch norm",
        data="fashion-mnist",
        epochs=15,
        train=lenet_batch_norm,
    ),
)
