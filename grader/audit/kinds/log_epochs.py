"""A log that announces another number of epochs than the call beside it."""

import re
from collections.abc import Iterator

from grader.audit.facts import Cell, Code
from grader.audit.kinds.training_cells import single_fits
from grader.audit.material import Material
from grader.audit.readers.flow import whole_number
from grader.results import Finding, Severity

KIND = "log-epochs"
SLACK = 1
"""A loop may also report on the state before its first epoch."""
_SETTLES = "running this cell again as it stands, after a restart of the kernel"

_RANGE = re.compile(r"(?:trange|tqdm\(range|range)\((?:(?P<start>[01]), )?(?P<stop>\w+)(?P<plus> \+ 1)?\)+")
_PRINTS_EPOCH = re.compile(r"(?:print|write|display)\(.*epoch", re.IGNORECASE)
_ABOUT_THE_RATE = re.compile(r"reducing|adjusting|stopp", re.IGNORECASE)
_PRINTED_EPOCH = re.compile(r"^[^\w\n]*epoch\W{0,3}(\d{1,5})\b", re.IGNORECASE | re.MULTILINE)


def find(material: Material) -> Iterator[Finding]:
    """Compare ``Epoch 1/20`` of Keras with ``epochs=``, and how many epochs a loop printed with its range."""
    # Keras prints no header for a single epoch, so one that is there may be the student's own
    prints_headers = any(_PRINTS_EPOCH.search(cell.text) for cell, _ in material.notebook.code_cells)
    for fit, logs in () if prints_headers else single_fits(material):
        announced = {epoch.announced for log in logs for epoch in log.epochs}
        if fit.epochs is None or len(announced) != 1 or fit.epochs in announced:
            continue
        yield material.finding(
            KIND,
            Severity.WARNING,
            fit.cell,
            fit.call.line,
            f"The code asks for {fit.epochs} epochs, the log stored under it counts to {announced.pop()}. So the log "
            "was not printed by this code as it stands: it was changed after the cell had been run.",
            quote=f"code: {fit.cell.line(fit.call.line)}\n"
            f"log:  Epoch {logs[0].epochs[0].number}/{logs[0].epochs[0].announced}",
            settles=_SETTLES,
        )
    for cell, code in material.notebook.code_cells:
        yield from _printed_by_loop(material, cell, code)


def _printed_by_loop(material: Material, cell: Cell, code: Code) -> Iterator[Finding]:
    loops = [loop for loop in code.loops if not loop.scope and "epoch" in loop.target.lower()]
    functions = {name for _, other in material.notebook.code_cells for name in _functions_with_epochs(other)}
    calls_trainer = any(call.name in functions for call in code.calls if not call.scope)
    outermost = [loop for loop in code.loops if not loop.scope and not loop.in_loop]
    if len(loops) != 1 or loops != outermost or calls_trainer or cell.number in material.logs or cell.is_cut:
        return
    found = _RANGE.fullmatch(loops[0].over)
    stop = whole_number(material.notebook, found["stop"]) if found else None
    if found is None or stop is None:
        return
    turns = stop + (1 if found["plus"] else 0) - int(found["start"] or 0)
    lines = [
        line for line in cell.output.split("\n") if _PRINTED_EPOCH.match(line) and not _ABOUT_THE_RATE.search(line)
    ]
    printed = {int(number) for number in _PRINTED_EPOCH.findall("\n".join(lines))}
    if len(printed) <= turns + SLACK:
        return
    yield material.finding(
        KIND,
        Severity.WARNING,
        cell,
        loops[0].line,
        f"This loop makes {turns} turns, and the output stored under it reports on {len(printed)} different epochs. So "
        "it was not printed by this code as it stands: it was changed after the cell had been run.",
        quote=f"code: {cell.line(loops[0].line)}\nlog:  {lines[-1].strip()}",
        settles=_SETTLES,
    )


def _functions_with_epochs(code: Code) -> set[str]:
    return {loop.scope.split(".")[0] for loop in code.loops if loop.scope and "epoch" in loop.target.lower()}
