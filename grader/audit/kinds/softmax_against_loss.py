"""A softmax that the loss applies a second time, or one that is missing."""

import re
from collections.abc import Iterator

from grader.audit.facts import Call, Cell, Code
from grader.audit.material import Material
from grader.audit.readers.networks import compile_of, ends_in_softmax, forward_softmax, last_layer, torch_softmax
from grader.results import Finding, Severity

KIND = "softmax-against-loss"
MAX_LOSSES = 50
MAX_SITES = 10
"""Calls of a function that are looked at for the network they give it."""

_FROM_LOGITS = re.compile(r"crossentropy\(.*from_logits=True", re.IGNORECASE)
_FROM_PROBABILITIES = re.compile(
    r"'(?:sparse_)?categorical_crossentropy'$|(?:\w+\.)*(?:Sparse)?CategoricalCrossentropy\(\)$"
)
_CRITERION = re.compile(r"(?:\w+\.)*(CrossEntropyLoss|NLLLoss)\(")
_FUNCTIONS = {"cross_entropy": "cross_entropy", "nll_loss": "nll_loss"}
_MODEL_CALL = re.compile(r"([A-Za-z_][\w.]*)\(")


def find(material: Material) -> Iterator[Finding]:
    """Compare what the network ends in with the loss that it is trained with."""
    yield from _keras(material)
    yield from _torch(material)


def _keras(material: Material) -> Iterator[Finding]:
    for fit in material.fits:
        compiled = compile_of(material.notebook, fit.model, fit.cell.number, fit.call.line)
        last = last_layer(material.notebook, fit.model, fit.cell.number, fit.call.line)
        if compiled is None or last is None:
            continue
        cell, call = compiled
        loss, softmax = call.argument("loss", 1) or "", ends_in_softmax(last[2])
        quote = f"cell {last[0].number}: {last[2]}\ncell {cell.number}: {cell.line(call.line)}"
        if softmax and _FROM_LOGITS.search(loss):
            text = (
                f"'{fit.model}' ends in a softmax, and its loss is told to expect what stands before one "
                "(from_logits=True): it applies a softmax a second time, which flattens the probabilities."
            )
        elif softmax is False and _FROM_PROBABILITIES.match(loss):
            text = (
                f"'{fit.model}' ends in a layer without an activation, and its loss takes probabilities: it gets "
                "numbers that may be negative and do not add up to one."
            )
        else:
            continue
        yield _finding(material, cell, call.line, text, quote)


def _torch(material: Material) -> Iterator[Finding]:
    criteria = {
        name: kind[1]
        for name, every in material.notebook.assignments.items()
        for _, one in every
        if (kind := _CRITERION.match(one.value))
    }
    said: set[str] = set()
    losses = [
        (cell, call, name)
        for cell, call in material.notebook.calls
        if (name := criteria.get(f"{call.receiver}.{call.name}".lstrip("."), "") or _function(call))
    ]
    for cell, call, loss in losses[:MAX_LOSSES]:
        found = _softmax_before(material, cell, call)
        if found is None or found[2] in said:
            continue
        said.add(found[2])
        takes = "logarithms of probabilities" if "nll" in loss.lower() else "what stands before a softmax"
        then = "" if "nll" in loss.lower() else ", and applies one itself: the second one flattens the probabilities"
        yield _finding(
            material,
            cell,
            call.line,
            f"The network that this loss is computed for ends in a softmax. {loss} takes {takes}{then}.",
            f"cell {found[0].number}: {found[2]}\ncell {cell.number}: {cell.line(call.line)}",
        )


def _function(call: Call) -> str:
    return _FUNCTIONS.get(call.name, "") if call.receiver in ("F", "nn.functional", "torch.nn.functional") else ""


def _softmax_before(material: Material, cell: Cell, call: Call) -> tuple[Cell, int, str] | None:
    """Return the softmax that certainly made the first argument of a loss."""
    text = call.argument("input", 0) or ""
    if text.isidentifier():
        code = cell.code or Code()
        above = [
            one for one in code.assignments if (one.name, one.scope) == (text, call.scope) and one.line <= call.line
        ]
        text = above[-1].value if above and not above[-1].condition else ""
    model = _MODEL_CALL.match(text)
    if model is None or not text.endswith(")"):
        return None
    if model[1] == "self" and call.scope:
        return forward_softmax(material.notebook, call.scope.split(".")[0])
    function = material.notebook.functions.get(call.scope)
    if call.scope and (function is None or function[0] is not cell):
        return None
    if function is None or model[1] not in function[1].parameters:
        return torch_softmax(material.notebook, model[1], cell.number, call.line)
    position = function[1].parameters.index(model[1])
    sites = [found for found in material.notebook.calls if found[1].name == function[1].name]
    for where, other in sites[:MAX_SITES]:
        given = other.argument(model[1], position) or ""
        if not other.scope and not other.in_loop and given.isidentifier():
            found = torch_softmax(material.notebook, given, where.number, other.line)
            if found is not None:
                return found
    return None


def _finding(material: Material, cell: Cell, line: int, text: str, quote: str) -> Finding:
    return material.finding(
        KIND,
        Severity.WARNING,
        cell,
        line,
        text,
        quote=quote,
        settles="either the softmax or a loss that expects it, not both or neither",
    )
