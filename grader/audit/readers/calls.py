"""Calls that train, evaluate and compile a network, as the code writes them."""

import re

import msgspec

from grader.audit.facts import Call, Cell, Notebook
from grader.audit.readers.flow import Origin, origin, whole_number

_ONLY_KERAS = frozenset(
    {
        "epochs",
        "nb_epoch",
        "validation_data",
        "validation_split",
        "callbacks",
        "steps_per_epoch",
        "validation_batch_size",
    }
)
_EVALUATES = re.compile(r"(evaluate|eval|test|accuracy|validate|get_accuracy|compute_accuracy)(_model|_net|_network)?")
_NAME = re.compile(r"[\[(]?\s*([A-Za-z_]\w*)\s*(?:,|$|\))")
MAX_CALLS = 200
"""Calls of either sort that are looked at: a notebook has some dozens."""
KERAS_BATCH = 32
"""What ``fit`` takes where no batch size is given."""


class Fit(msgspec.Struct, frozen=True):
    """``model.fit(…)`` of Keras at the top level or in a loop there. ``None``: not certain."""

    cell: Cell
    call: Call
    model: str
    epochs: int | None
    batch: int | None
    inputs: Origin | None
    validation: Origin | None


class Evaluation(msgspec.Struct, frozen=True):
    """A call that evaluates ``model`` at the top level. ``inputs`` is where the examples come from, if certain."""

    cell: Cell
    call: Call
    model: str
    inputs: Origin | None
    is_method: bool


def fits(notebook: Notebook) -> tuple[Fit, ...]:
    """Return the calls of ``fit`` that train a network, in reading order, those in functions left out."""
    found: list[Fit] = []
    compiled = {call.receiver for _, code in notebook.code_cells for call in code.calls if call.name == "compile"}
    for cell, code in notebook.code_cells:
        for call in code.calls:
            if call.name == "fit" and not call.scope and call.receiver.isidentifier():
                keywords = {keyword for keyword, _ in call.arguments}
                if (keywords & _ONLY_KERAS or call.receiver in compiled) and len(found) < MAX_CALLS:
                    found.append(_fit(notebook, cell, call))
    return tuple(found)


def _fit(notebook: Notebook, cell: Cell, call: Call) -> Fit:
    epochs = call.argument("epochs", 3) or call.argument("nb_epoch")
    batch = call.argument("batch_size", 2)
    return Fit(
        cell,
        call,
        call.receiver,
        (whole_number(notebook, epochs) if epochs else 1) if call.is_fully_seen else None,
        (whole_number(notebook, batch) if batch else KERAS_BATCH) if call.is_fully_seen else None,
        origin_of(notebook, cell, call, call.argument("x", 0)),
        origin_of(notebook, cell, call, call.argument("validation_data")),
    )


def origin_of(notebook: Notebook, cell: Cell, call: Call, text: str | None) -> Origin | None:
    """Return where an argument, or the first of a pair, comes from, if it is a name."""
    name = _NAME.match(text or "")
    return origin(notebook, name[1], cell.number, call.line) if name else None


def evaluations(notebook: Notebook) -> tuple[Evaluation, ...]:
    """Return the calls that evaluate a network, in reading order: the method ``evaluate``, and functions of the
    notebook whose name says so and whose first argument is a name."""
    functions = {name for _, code in notebook.code_cells for name in code.binds if _EVALUATES.fullmatch(name.lower())}
    found: list[Evaluation] = []
    for cell, code in notebook.code_cells:
        for call in code.calls:
            if call.scope or len(found) == MAX_CALLS:
                continue
            if call.name in ("evaluate", "evaluate_generator") and call.receiver.isidentifier():
                inputs = origin_of(notebook, cell, call, call.argument("x", 0))
                found.append(Evaluation(cell, call, call.receiver, inputs, is_method=True))
            elif not call.receiver and call.name in functions:
                model, inputs = call.argument("model", 0) or "", origin_of(notebook, cell, call, call.argument("", 1))
                if model.isidentifier():
                    found.append(Evaluation(cell, call, model, inputs, is_method=False))
    return tuple(found)
