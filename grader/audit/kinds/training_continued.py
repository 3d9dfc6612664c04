"""A network that is compiled and trained again without new weights."""

import re
from collections.abc import Iterator
from itertools import pairwise

from grader.audit.facts import Call, Cell
from grader.audit.kinds.model_changes import is_rebuilt, place_of
from grader.audit.material import Material
from grader.audit.readers.calls import Fit
from grader.audit.readers.logs import Log
from grader.results import Finding, Severity

KIND = "training-continued"
SLACK = 0.02
"""How far below the last epoch before it a continued training may begin (accuracy): another optimizer shakes it."""

ON_PURPOSE = re.compile(
    r"continu|fine.?tun|resum|further|pre.?train|transfer|warm.?start|second (?:phase|stage)|keep training|more epochs|"
    r"additional epochs|unfre|freez|\.trainable|from where",
    re.IGNORECASE,
)
_SETTLES = "building the network anew before each training"


def find(material: Material) -> Iterator[Finding]:
    """Look for a second ``compile`` and ``fit`` of one variable with nothing between that gives it new weights, and for
    a loop over settings that compiles and trains a network built above it. Where the text or a comment speaks of
    continuing, it is meant."""
    if any(ON_PURPOSE.search(cell.text) for cell in material.notebook.cells):
        return
    for model in dict.fromkeys(fit.model for fit in material.fits):
        trainings = [fit for fit in material.fits if fit.model == model]
        for first, second in pairwise(trainings):
            if not first.call.in_loop and not second.call.in_loop and _is_continued(material, first, second):
                yield _again(material, first, second)
    for fit in material.fits:
        if fit.call.in_loop and (compiled := _compiled_in_the_same_loop(material, fit)):
            yield _in_a_loop(material, fit, compiled)


def _is_continued(material: Material, first: Fit, second: Fit) -> bool:
    start, end = place_of(first.cell, first.call), place_of(second.cell, second.call)
    compiles = _compiles(material, first.model)
    before = [call for cell, call in compiles if place_of(cell, call) < start]
    between = [call for cell, call in compiles if start < place_of(cell, call) < end]
    if not before or not between or before[-1].arguments == between[-1].arguments:
        return False
    if second.call.argument("initial_epoch") or is_rebuilt(material, first.model, start, end):
        return False
    logs = material.logs.get(first.cell.number, ()), material.logs.get(second.cell.number, ())
    return first.cell.number == second.cell.number or not all(logs) or _goes_on(logs[0][-1], logs[1][0])


def _goes_on(first: Log, second: Log) -> bool:
    """Whether the second log begins about where the first one ended, and not where that one began."""
    began, ended, again = first.epochs[0].accuracy, first.epochs[-1].accuracy, second.epochs[0].accuracy
    if began is None or ended is None or again is None:
        return False
    return again >= ended - SLACK and again > began + SLACK


def _compiles(material: Material, model: str) -> list[tuple[Cell, Call]]:
    return [
        (cell, call)
        for cell, code in material.notebook.code_cells
        for call in code.calls
        if call.name == "compile" and call.receiver == model and not call.scope
    ]


def _compiled_in_the_same_loop(material: Material, fit: Fit) -> Call | None:
    code = fit.cell.code
    loops = [loop for loop in (code.loops if code else ()) if not loop.scope]
    here = [call for cell, call in _compiles(material, fit.model) if cell.number == fit.cell.number and call.in_loop]
    if len(loops) != 1 or len(here) != 1 or not loops[0].line < here[0].line < fit.call.line:
        return None
    target = loops[0].target
    uses_setting = any(re.search(rf"\b{re.escape(target)}\b", text) for _, text in here[0].arguments)
    end = fit.cell.number, 10**9
    if not target.isidentifier() or not uses_setting:
        return None
    if is_rebuilt(material, fit.model, (fit.cell.number, loops[0].line), end):
        return None
    return here[0]


def _again(material: Material, first: Fit, second: Fit) -> Finding:
    return material.finding(
        KIND,
        Severity.WARNING,
        second.cell,
        second.call.line,
        f"'{second.model}' is compiled with other settings and trained again, but it was not built anew: this training "
        f"starts with the weights that cell {first.cell.number} left. The two do not show what the settings do.",
        quote=f"cell {first.cell.number}: {first.cell.line(first.call.line)}\n"
        f"cell {second.cell.number}: {second.cell.line(second.call.line)}",
        settles=_SETTLES,
    )


def _in_a_loop(material: Material, fit: Fit, compiled: Call) -> Finding:
    return material.finding(
        KIND,
        Severity.WARNING,
        fit.cell,
        fit.call.line,
        f"Each turn of this loop compiles and trains '{fit.model}' with another setting, but the network is built "
        "above the loop: from the second turn on training starts with the weights of the turn before. The results do "
        "not show what the settings do.",
        quote=f"{fit.cell.line(compiled.line)}\n{fit.cell.line(fit.call.line)}",
        settles=_SETTLES,
    )
