"""Execution numbers that do not rise from top to bottom."""

from collections.abc import Iterator
from itertools import pairwise

from grader.audit.material import Material
from grader.results import Finding, Severity

KIND = "cells-out-of-order"


def find(material: Material) -> Iterator[Finding]:
    """Compare the stored numbers of neighbouring cells. Gaps are normal: a cell was run again, or another deleted."""
    run = [(cell, cell.execution_count) for cell, _ in material.notebook.code_cells if cell.execution_count is not None]
    falls = [(above, below) for above, below in pairwise(run) if below[1] <= above[1]]
    if not falls:
        return
    (above, earlier), (below, later) = falls[0]
    more = f" The same happens in {len(falls) - 1} more places." if len(falls) > 1 else ""
    yield material.finding(
        KIND,
        Severity.NOTE,
        below,
        None,
        f"As stored, the cells were not run from top to bottom in one go: cell {below.number} has the execution number "
        f"{later}, cell {above.number} above it has {earlier}.{more} The outputs may belong to another state of the "
        "notebook than the one that is read.",
        quote="\n".join(f"cell {cell.number}: In [{count}]" for fall in falls[:5] for cell, count in fall),
        settles="restarting the kernel, running all cells, and handing that in",
    )
