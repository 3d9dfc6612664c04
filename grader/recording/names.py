"""What losses and optimizers are called in either framework."""

import re

OPTIMIZERS = frozenset((
    "adadelta", "adafactor", "adagrad", "adam", "adamax", "adamw", "asgd", "ftrl", "lamb", "lbfgs", "lion", "muon",
    "nadam", "radam", "rmsprop", "rprop", "sgd", "sparseadam",
))  # fmt: skip
"""Classes of the frameworks. One of the student's own may be any of these in disguise."""

_FAMILIES = {
    "cross entropy": ("crossentropy", "categoricalcrossentropy", "sparsecategoricalcrossentropy", "nll", "nllloss"),
    "binary cross entropy": ("binarycrossentropy", "bce", "bcewithlogits"),
    "mean squared error": ("mse", "meansquarederror"),
    "mean absolute error": ("mae", "meanabsoluteerror", "l1"),
    "hinge": ("hinge", "categoricalhinge", "squaredhinge", "multimargin"),
    "huber": ("huber", "smoothl1", "logcosh"),
    "divergence": ("kldiv", "kldivergence", "kullbackleiblerdivergence"),
}


def plain_name(name: str) -> str:
    """Return a name as it compares: letters and digits, in lower case."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def loss_family(name: str) -> str:
    """Return what kind of loss a name stands for, nothing for one that no framework has.

    Labels may be numbers or vectors, and a logarithm may stand in the network or in the loss: the loss is the same.
    """
    plain = plain_name(name).removesuffix("loss")
    return next((family for family, names in _FAMILIES.items() if plain in names), "")


def is_same_loss(found: str, wanted: str) -> bool:
    """Whether two names stand for one loss."""
    family = loss_family(wanted)
    return loss_family(found) == family if family else plain_name(found) == plain_name(wanted)
