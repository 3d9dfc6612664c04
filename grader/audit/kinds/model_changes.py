"""What happens to the variables that hold networks, between one place of a notebook and another."""

import re

from grader.audit.facts import Call, Cell
from grader.audit.material import Material

SETS_WEIGHTS = frozenset({
    "load_weights", "set_weights", "load_state_dict", "load_model", "clone_model", "assign", "restore",
    "load_checkpoint", "copy_", "update", "deepcopy", "reset_parameters", "apply", "from_pretrained", "load",
})  # fmt: skip
"""Calls after which a network may have other weights than those it was trained to."""

Place = tuple[int, int]
"""Cell and line."""


def place_of(cell: Cell, call: Call) -> Place:
    """Where a call stands."""
    return cell.number, call.line


def is_rebuilt(material: Material, model: str, after: Place, before: Place) -> bool:
    """Whether between two places ``model`` may get other weights than by training: it is assigned, weights are set or
    loaded, or a function of the notebook that may do so is called."""
    cells = list(material.notebook.code_cells)
    own = {name for _, code in cells for name in code.binds}
    touching = {
        call.scope.split(".")[0] for _, code in cells for call in code.calls if call.scope and call.name in SETS_WEIGHTS
    } | {
        found.scope.split(".")[0]
        for _, code in cells
        for found in code.assignments
        if found.scope and found.name.split(".")[0] == model
    }
    for cell, code in cells:
        if any(found.name == model and after < (cell.number, found.line) < before for found in code.assignments):
            return True
        for call in code.calls:
            if not after < place_of(cell, call) < before or call.scope:
                continue
            is_handed_on = call.name in own and any(text == model for _, text in call.arguments)
            if call.name in SETS_WEIGHTS or call.name in touching or is_handed_on:
                return True
    return False


def may_be_one(material: Material, first: str, second: str) -> bool:
    """Whether two variables may hold the same network, or networks with the same weights."""
    word = re.compile(rf"\b({re.escape(first)}|{re.escape(second)})\b")
    for _, code in material.notebook.code_cells:
        for found in code.assignments:
            if found.name in (first, second) and word.search(found.value):
                return True
        for call in code.calls:
            texts = [text for _, text in call.arguments]
            if call.name in SETS_WEIGHTS and word.search(" ".join([call.receiver, *texts])):
                return True
            if call.name != "print" and first in texts and second in texts:
                return True
    return False
