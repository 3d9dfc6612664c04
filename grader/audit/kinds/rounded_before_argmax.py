"""Classes chosen from rounded probabilities."""

import re
from collections.abc import Iterator

from grader.audit.facts import Call, Cell
from grader.audit.material import Material
from grader.audit.readers.flow import origin
from grader.results import Finding, Severity

KIND = "rounded-before-argmax"

_ROUNDS = re.compile(r"\b(?:np|numpy|torch|tf|tf\.math|K)\.(?:round|rint|around|round_)\(|\.round\(|(?<![\w.])round\(")
_PREDICTED = re.compile(r"predict|softmax|prob|forward|net|model", re.IGNORECASE)
_DIGITS = re.compile(r"\.round\((?:decimals=)?[1-9]|round\([^()]*(?:\([^()]*\))?[^()]*, (?:decimals=)?([1-9]\d*)\)")


def find(material: Material) -> Iterator[Finding]:
    """Look for ``argmax`` of something that was rounded to whole numbers, here or where the variable was assigned."""
    for cell, code in material.notebook.code_cells:
        for call in code.calls:
            if call.name == "argmax" and not call.scope and (rounded := _rounded(material, cell, call)):
                yield _finding(material, cell, call, rounded)


def _rounded(material: Material, cell: Cell, call: Call) -> str:
    """Return the rounding that the largest of is taken of."""
    is_function = call.receiver in ("np", "numpy", "torch", "tf", "tf.math", "K")
    text = (call.argument("", 0) or "") if is_function else call.receiver
    if text.isidentifier():
        found = origin(material.notebook, text, cell.number, call.line)
        text = " ".join(found.steps) if found is not None else ""
    return text if _ROUNDS.search(text) and _PREDICTED.search(text) and not _DIGITS.search(text) else ""


def _finding(material: Material, cell: Cell, call: Call, rounded: str) -> Finding:
    return material.finding(
        KIND,
        Severity.WARNING,
        cell,
        call.line,
        "The largest entry is taken of probabilities that were rounded to 0 and 1 before. Where none of them reaches "
        "one half all are 0, and argmax gives class 0.",
        quote=f"{cell.line(call.line)}\nrounded: {rounded}",
        settles="taking argmax of the probabilities themselves",
    )
