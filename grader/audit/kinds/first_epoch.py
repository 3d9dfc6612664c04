"""A first epoch that no fresh network has."""

import re
from collections.abc import Iterator

from grader.audit.kinds.labels_against_loss import is_numbers, is_one_hot
from grader.audit.kinds.training_cells import single_fits
from grader.audit.material import Material
from grader.audit.readers.calls import origin_of
from grader.results import Finding, Severity

KIND = "first-epoch-too-good"
MOST = {"mnist": 0.995, "fashion_mnist": 0.95, "cifar10": 0.9, "cifar100": 0.75}
"""Training accuracy, as the mean over the first epoch, that a network with fresh weights stays below by a wide margin:
while it is measured the network still learns."""

_HAS_WEIGHTS = re.compile(
    r"load_weights|load_model|set_weights|applications|pretrained|imagenet|clone_model|hub\.|from_pretrained|restore|"
    r"initial_epoch|train_on_batch|binary|keras\.models\.load|import_from"
)
_SPEAKS_OF_IT = re.compile(r"continu|fine.?tun|resum|further|pre.?train|transfer|again|re-?ran|more epochs", re.I)


def find(material: Material) -> Iterator[Finding]:
    """Look at the first epoch of each network's first training on all examples of a published data set."""
    if material.is_opaque or _HAS_WEIGHTS.search(material.source):
        return
    if any(_SPEAKS_OF_IT.search(cell.text) for cell in material.notebook.cells):
        return
    for fit, logs in single_fits(material):
        first = next(one for one in material.fits if one.model == fit.model)
        epoch = logs[0].epochs[0]
        most = MOST.get(fit.inputs.data_set) if fit.inputs is not None else None
        if first is not fit or len(logs) != 1 or epoch.number != 1 or epoch.accuracy is None or most is None:
            continue
        labels = origin_of(material.notebook, fit.cell, fit.call, fit.call.argument("y", 1))
        is_known = labels is not None and (is_numbers(labels) or is_one_hot(labels))
        if epoch.accuracy < most or epoch.accuracy > 1 or fit.inputs is None or not is_known:
            continue
        yield material.finding(
            KIND,
            Severity.WARNING,
            fit.cell,
            fit.call.line,
            f"The training accuracy is {epoch.accuracy:g} in the first epoch. It is a mean over an epoch in which the "
            f"network begins with knowing nothing, and stays below {most:g} on {fit.inputs.data_set} then. The cell "
            "was run on a network that had been trained before.",
            quote=f"code: {fit.cell.line(fit.call.line)}\nlog:  epoch 1 of {epoch.announced}, accuracy "
            f"{epoch.accuracy:g}",
            settles="restarting the kernel and running all cells",
        )
