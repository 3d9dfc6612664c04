"""Cells that are stored with an error, among others that were run after them."""

import re
from collections.abc import Iterator

from grader.audit.material import Material
from grader.results import Finding, Severity

KIND = "stored-error"

_MEANT = re.compile(
    r"error|exception|fail|raises|crash|does(?: not|n't) work|can(?:not|'t)|wrong|bug|on purpose|try:|"
    r"stopp|interrupt|abort",
    re.IGNORECASE,
)


def find(material: Material) -> Iterator[Finding]:
    """Look for errors in outputs, where neither the cell nor the text beside it speaks of one."""
    cells = material.notebook.cells
    for number, cell in enumerate(cells):
        errors = [output.text for output in cell.outputs if output.kind == "error"]
        above = [one.text for one in cells[:number] if one.kind == "markdown"][-1:]
        around = [cell.text, *above, *(one.text for one in cells[number + 1 : number + 2] if one.kind == "markdown")]
        was_run_after = any(
            (one.execution_count or 0) > (cell.execution_count or 0) and one.outputs for one in cells[number + 1 :]
        )
        if not errors or cell.execution_count is None or not was_run_after or any(map(_MEANT.search, around)):
            continue
        name = found[0] if (found := re.match(r"[A-Za-z]\w{0,60}(?=:)", errors[0])) else "an error"
        text = (
            "This cell was interrupted while it ran, as its output shows, and cells below it were run afterwards. What "
            "they show may rest on a training that was not finished."
            if name == "KeyboardInterrupt"
            else f"This cell ended with {name}, as its output shows, and cells below it were run afterwards. Run from "
            "top to bottom, the notebook stops here."
        )
        yield material.finding(
            KIND,
            Severity.NOTE,
            cell,
            None,
            text,
            quote=errors[0].rstrip(": \n")[:300],
            settles="restarting the kernel and running all cells",
        )
