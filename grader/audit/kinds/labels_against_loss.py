"""Labels in another form than the loss takes."""

import re
from collections.abc import Iterator

from grader.audit.material import Material
from grader.audit.readers.calls import Fit, origin_of
from grader.audit.readers.flow import Origin
from grader.audit.readers.networks import compile_of
from grader.results import Finding, Severity

KIND = "labels-against-loss"

_SPARSE = re.compile(
    r"'sparse_categorical_crossentropy'|(?:\w+\.)*(?:SparseCategoricalCrossentropy\(|sparse_categorical_)"
)
_ONE_HOT = re.compile(r"'categorical_crossentropy'|(?:\w+\.)*(?:CategoricalCrossentropy\(|categorical_crossentropy$)")
_MAKES_ONE_HOT = re.compile(r"(?:\w+\.)*(?:to_categorical|one_hot|label_binarize)\(")
_KEEPS_FORM = re.compile(r"\.(astype|copy|numpy)\(|\[[\d:]*\]$")
_KEEPS_NUMBERS = re.compile(r"\.(astype|copy|numpy|reshape|flatten|ravel|squeeze)\(|\[[\d:]*\]$")


def find(material: Material) -> Iterator[Finding]:
    """Follow the labels of ``fit`` back, and compare what they are with the loss that the network is compiled with."""
    for fit in material.fits:
        compiled = compile_of(material.notebook, fit.model, fit.cell.number, fit.call.line)
        labels = origin_of(material.notebook, fit.cell, fit.call, fit.call.argument("y", 1))
        loss = (compiled[1].argument("loss", 1) or "") if compiled else ""
        if labels is None:
            continue
        if _SPARSE.match(loss) and is_one_hot(labels):
            yield _finding(material, fit, labels, loss, "one-hot vectors", "the number of the class")
        elif _ONE_HOT.match(loss) and is_numbers(labels):
            yield _finding(material, fit, labels, loss, "numbers of classes", "one-hot vectors")


def is_one_hot(labels: Origin) -> bool:
    """Whether labels are certainly one-hot vectors."""
    if labels.root.startswith("np.eye(") and labels.steps[:1] and re.match(r"\[\w+\]$", labels.steps[0]):
        return all(map(_KEEPS_FORM.match, labels.steps[1:]))
    made = [number for number, step in enumerate(labels.steps) if _MAKES_ONE_HOT.match(step)]
    return len(made) == 1 and all(map(_KEEPS_FORM.match, labels.steps[made[0] + 1 :]))


def is_numbers(labels: Origin) -> bool:
    """Whether labels are certainly the numbers that a published data set has."""
    is_label = bool(labels.data_set) and labels.position.endswith(".1")
    return is_label and all(map(_KEEPS_NUMBERS.match, labels.steps))


def _finding(material: Material, fit: Fit, labels: Origin, loss: str, given: str, wanted: str) -> Finding:
    return material.finding(
        KIND,
        Severity.WARNING,
        fit.cell,
        fit.call.line,
        f"The labels that reach fit() are {given}; the loss that '{fit.model}' is compiled with takes {wanted}.",
        quote="\n".join([f"loss: {loss}", f"labels: {labels.root}", *labels.steps, fit.cell.line(fit.call.line)]),
        settles="printing the shape and the first of the labels, and reading what the loss asks for",
    )
