"""What is trained and measured: eight networks on raw and on scaled pixels, and two of them on more images.

The published figures come from raw pixels, 0 to 255. The best network of the grid, and the one whose kernels are shown,
are then trained on the training and validation images together.
"""

from functools import partial

from grader.oracle.experiments import Experiment

CONVOLUTIONS = {1: "one", 2: "two"}
REGULARIZERS = {"none": "none", "l2": "L2", "dropout": "dropout", "batch_norm": "batch norm"}
PIXELS = {"raw": False, "scaled": True}


def prepare(training, pixels):
    data = training.dataset
    return training.preparation.prepare(data.train_images, data.train_labels, scaled=PIXELS[pixels])


def grid(training, convolutions, regularizer, pixels):
    examples = prepare(training, pixels)
    network = training.place(training.oracle.build(convolutions, regularizer, seed=training.seed))
    history = training.oracle.train(network, examples["training"], examples["validation"], **training.settings)
    return training.measured(network, history, examples["test"])


def retrained(training, convolutions, pixels):
    """With batch norm, on training and validation images together."""
    examples = prepare(training, pixels)
    together = training.preparation.join(examples["training"], examples["validation"])
    network = training.place(training.oracle.build(convolutions, "batch_norm", seed=training.seed))
    history = training.oracle.train(network, together, **training.settings)
    kernels = {f"kernels_{number}": kernel for number, kernel in enumerate(training.oracle.kernels(network), 1)}
    return training.measured(network, history, examples["test"], arrays=kernels)


EXPERIMENTS = (
    *(
        Experiment(
            name=f"{word}_{regularizer}_{pixels}",
            title=f"{word} conv, {title}, {pixels}",
            data="fashion-mnist",
            epochs=5,
            train=partial(grid, convolutions=convolutions, regularizer=regularizer, pixels=pixels),
            part=f"grid_{pixels}",
        )
        for pixels in PIXELS
        for convolutions, word in CONVOLUTIONS.items()
        for regularizer, title in REGULARIZERS.items()
    ),
    *(
        Experiment(
            name=f"retrained_{word}_{pixels}",
            title=f"{word} conv, batch norm, {pixels}, more images",
            data="fashion-mnist",
            epochs=5,
            train=partial(retrained, convolutions=convolutions, pixels=pixels),
            part="retrained",
        )
        for pixels in PIXELS
        for convolutions, word in CONVOLUTIONS.items()
    ),
)
