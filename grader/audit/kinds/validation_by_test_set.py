"""The test set used while training: to watch it, or to choose by it."""

import re
from collections.abc import Iterator
from itertools import islice

from grader.audit.facts import Call, Cell, Code
from grader.audit.material import Material
from grader.audit.readers.calls import Fit, origin_of
from grader.results import Finding, Severity

WATCHED = "test-as-validation"
CHOSEN_BY = "test-for-selection"

_CHOOSES = ("EarlyStopping", "ModelCheckpoint", "ReduceLROnPlateau")
MAX_SAVES = 5
"""Calls that keep the better weights, and calls that one of them may depend on, that are looked at."""
_SETTLES = "holding out a part of the training set for validation, and using the test set once at the end"


def find(material: Material) -> Iterator[Finding]:
    """Follow ``validation_data`` of Keras, and what a loop in PyTorch compares before it saves, back to its source.

    A slice of the test set may be a proper split, and says nothing.
    """
    for fit in material.fits:
        if fit.validation is not None and fit.validation.is_test:
            yield _keras(material, fit)
    saves = (
        (cell, code, call)
        for cell, code in material.notebook.code_cells
        for call in code.calls
        if _keeps_the_better(call)
    )
    said: set[int] = set()
    for cell, code, save in islice(saves, MAX_SAVES):
        # one loop may keep both the weights and a copy of them
        if cell.number not in said and (found := _saved_when_better(material, cell, code, save)) is not None:
            said.add(cell.number)
            yield found


def _keras(material: Material, fit: Fit) -> Finding:
    chooser = _chooser(material, fit)
    quote = f"{fit.cell.line(fit.call.line)}\n{fit.validation.root if fit.validation else ''}"
    if chooser:
        return material.finding(
            CHOSEN_BY,
            Severity.WARNING,
            fit.cell,
            fit.call.line,
            f"The test set is the validation set of this training, and {chooser}. A score on the test set "
            "is then the best of several tries, and no longer an estimate for new data.",
            quote=quote,
            settles=_SETTLES,
        )
    return material.finding(
        WATCHED,
        Severity.NOTE,
        fit.cell,
        fit.call.line,
        "The test set is the validation set of this training. Nothing in the code chooses by it; every decision that "
        "is made by eye from these curves is made on the test set.",
        quote=quote,
        settles=_SETTLES,
    )


def _chooser(material: Material, fit: Fit) -> str:
    """Return what chooses by the validation figures of ``fit``."""
    callbacks = fit.call.argument("callbacks") or ""
    for _, code in material.notebook.code_cells:
        for call in code.calls:
            if call.name.rpartition(".")[2] in _CHOOSES and _is_among(call, callbacks):
                monitored = call.argument("monitor", 1 if call.name == "ModelCheckpoint" else 0) or "'val_loss'"
                always_saves = call.name == "ModelCheckpoint" and call.argument("save_best_only") != "True"
                if "val_" in monitored and not always_saves:
                    return f"{call.name} chooses by it"
    if fit.call.target.isidentifier():
        taken = rf"\b{re.escape(fit.call.target)}\.history\["
        best = re.compile(rf"max\({taken}.val_\w*acc|min\({taken}.val_loss")
        lines = (line for cell, _ in material.notebook.code_cells for line in cell.text.split("\n"))
        if any(best.search(line) and "lim(" not in line and "axis(" not in line for line in lines):
            return "the best epoch of its history is taken"
    return ""


def _is_among(call: Call, callbacks: str) -> bool:
    if f"{call.name}(" in callbacks:
        return True
    return bool(call.target) and re.search(rf"\b{re.escape(call.target)}\b", callbacks) is not None


def _keeps_the_better(call: Call) -> bool:
    is_save = call.name == "save" or (call.name == "deepcopy" and "state_dict" in str(call.arguments))
    return is_save and not call.scope and call.in_loop and re.search("[<>]", call.condition) is not None


def _compared(code: Code, save: Call) -> list[Call]:
    """Return the calls above ``save``, in its loop, whose results its condition compares."""
    names = set(re.findall(r"[A-Za-z_]\w*", save.condition))
    above = (call for call in code.calls if call.in_loop and not call.scope and call.line < save.line)
    return [call for call in above if names & set(re.findall(r"[A-Za-z_]\w*", call.target))]


def _saved_when_better(material: Material, cell: Cell, code: Code, save: Call) -> Finding | None:
    """Return a finding if ``save``, in ``if acc > best: torch.save(…)``, depends on the test set through ``acc``."""
    for call in _compared(code, save)[:MAX_SAVES]:
        origins = [origin_of(material.notebook, cell, call, text) for _, text in call.arguments]
        if any(origin is not None and origin.is_test for origin in origins):
            return material.finding(
                CHOSEN_BY,
                Severity.WARNING,
                cell,
                save.line,
                f"The weights are kept when '{save.condition}' holds, and '{call.target}' is computed from the test "
                "set. A score on the test set is then the best of several epochs, and no longer an estimate for new "
                "data.",
                quote=f"{cell.line(call.line)}\nif {save.condition}: {cell.line(save.line)}",
                settles=_SETTLES,
            )
    return None
