"""Code cells that were never run, among others that were."""

from collections.abc import Iterator

from grader.audit.material import Material
from grader.results import Finding, Severity

KIND = "cell-not-run"
MIN_RUN = 3
"""So many other cells must have been run: a notebook whose outputs were cleared says nothing."""


def find(material: Material) -> Iterator[Finding]:
    """Look for cells without execution number and outputs. Comments, magics and shell commands do not count."""
    cells = [cell for cell, code in material.notebook.code_cells if not code.is_empty]
    run = [cell for cell in cells if cell.execution_count is not None]
    if len(run) < MIN_RUN:
        return
    for cell in cells:
        if cell.execution_count is None and not cell.outputs and not cell.images:
            yield material.finding(
                KIND,
                Severity.NOTE,
                cell,
                None,
                f"Cell {cell.number} has neither an execution number nor an output, while {len(run)} of the "
                f"{len(cells)} cells with code have a number: as stored, it was not run.",
                quote="\n".join(cell.text.split("\n")[:4]),
                settles="running all cells from the top, or removing this one if it is not needed",
            )
