"""The model answer behind the names of the handout."""

import examples
import oracle
import plots
import preparation


def prepare(images, labels):
    sets = preparation.prepare(images, labels)
    of_class = {name: (pixels[..., 0], one_hot.argmax(axis=1)) for name, (pixels, one_hot) in sets.items()}
    return examples.listed(of_class, "training", "validation", "test")


def build_network(convolutions, regularizer):
    return oracle.build(convolutions, regularizer)


def train_network(model, *data):
    return examples.trained(oracle.train, model, *data)


def l2_penalty(model):
    return model.penalty()  # the networks in Keras know their own


def plot_history(history):
    plots.curves(history, "loss", "accuracy")


def plot_kernels(kernels, title):
    columns = 16 if len(kernels) > 16 else 4
    plots.grid(kernels, len(kernels) // columns, columns, heading=title)
