"""Pixels from 0 to 255 that reach the network as they are."""

import re
from collections.abc import Iterator

from grader.audit.facts import Code
from grader.audit.material import Material
from grader.audit.readers.calls import Fit
from grader.results import Finding, Severity

KIND = "inputs-not-scaled"

_DOES_NOT_SCALE = re.compile(
    r"\.(astype|copy|reshape|numpy)\(|(np|tf|K|numpy)\.(\w+\.)*(expand_dims|array|asarray|cast|reshape|float32|pad)\(|float\(|\["
)
SCALES_INSIDE = re.compile(
    r"Rescaling|Normalization|Lambda\(|ImageDataGenerator|normali[sz]e|standardi[sz]e|preprocess|Scaler\(|rescale|/\s*25[56]|"
    r"\*\s*\(?1\.?0?\s*/\s*25[56]|/=\s*25[56]"
)
_ONLY_LOOKS = frozenset({
    "fit", "evaluate", "predict", "print", "len", "imshow", "type", "matshow", "display", "min", "max", "unique",
    "range", "enumerate", "zip", "shape", "hist", "expand_dims", "array", "asarray", "cast", "reshape", "pad",
})  # fmt: skip


def find(material: Material) -> Iterator[Finding]:
    """Follow the images of ``fit`` back to ``load_data()`` and look at every step between; one unknown step, or any
    sign of scaling in the notebook, and nothing is said."""
    cells = list(material.notebook.code_cells)
    if any(code.is_opaque for _, code in cells) or any(SCALES_INSIDE.search(cell.text) for cell, _ in cells):
        return
    for fit in material.fits:
        inputs = fit.inputs
        if inputs is None or not inputs.data_set or not all(map(_keeps_the_range, inputs.steps)):
            continue
        if any(_is_handed_on(fit, code) for _, code in cells):
            continue
        yield material.finding(
            KIND,
            Severity.WARNING,
            fit.cell,
            fit.call.line,
            f"The images come from {inputs.root} as whole numbers from 0 to 255 and reach fit() without being scaled: "
            "neither the steps between nor a layer of the network does it.",
            quote="\n".join([inputs.root, *inputs.steps, fit.cell.line(fit.call.line)]),
            settles="printing the smallest and the largest value of what fit() is given",
        )
        return


def _keeps_the_range(step: str) -> bool:
    return _DOES_NOT_SCALE.match(step) is not None and "bool" not in step


def _is_handed_on(fit: Fit, code: Code) -> bool:
    """Whether a function that may change its argument is given the images."""
    name = fit.call.argument("x", 0)
    return any(text == name for call in code.calls if call.name not in _ONLY_LOOKS for _, text in call.arguments)
