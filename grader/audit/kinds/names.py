"""Names that a run from top to bottom would not find: defined further down, or nowhere."""

import re
from collections.abc import Iterator

from grader.audit.facts import Cell
from grader.audit.material import Material
from grader.results import Finding, Severity

DEFINED_LATER = "name-before-definition"
DEFINED_NOWHERE = "name-never-defined"
MAX_FINDINGS = 10

_HISTORY_OF_IPYTHON = re.compile(r"_i?\d+")


def find(material: Material) -> Iterator[Finding]:
    """Go through the cells as a fresh kernel would. Where a cell may bind names that cannot be seen (a star import,
    ``%run``, ``exec``, code that cannot be read), nothing is said about what comes after it."""
    cells = list(material.notebook.code_cells)
    later: dict[str, list[tuple[Cell, int]]] = {}
    for cell, code in cells:
        for name, line in code.binds.items():
            later.setdefault(name, []).append((cell, line))
    has_counts = any(cell.execution_count is not None for cell, _ in cells)
    all_seen = not material.notebook.is_cut and not any(code.is_opaque for _, code in cells)
    known: set[str] = set()
    said: set[str] = set()
    for cell, code in cells:
        if code.is_opaque:
            return
        was_run = cell.execution_count is not None or not has_counts
        for name, line in code.reads.items():
            if name in known | said or _HISTORY_OF_IPYTHON.fullmatch(name) or not was_run or len(said) == MAX_FINDINGS:
                continue
            places = [place for place in later.get(name, []) if place[0].number > cell.number]
            if places:
                said.add(name)
                yield _defined_later(material, name, (cell, line), places[0])
            elif all_seen and name not in later:
                said.add(name)
                yield _defined_nowhere(material, name, (cell, line))
        known |= code.binds.keys()


def _defined_later(material: Material, name: str, read: tuple[Cell, int], bound: tuple[Cell, int]) -> Finding:
    cell, line = read
    below, where = bound
    return material.finding(
        DEFINED_LATER,
        Severity.WARNING,
        cell,
        line,
        f"'{name}' is used here and defined for the first time in cell {below.number} below. Run from top to bottom, "
        "the notebook stops here with a NameError.",
        quote=f"cell {cell.number}: {cell.line(line)}\ncell {below.number}: {below.line(where)}",
        settles="restarting the kernel and running all cells",
    )


def _defined_nowhere(material: Material, name: str, read: tuple[Cell, int]) -> Finding:
    cell, line = read
    return material.finding(
        DEFINED_NOWHERE,
        Severity.WARNING,
        cell,
        line,
        f"'{name}' is used here, and no cell of the notebook defines it. The cell that did has been changed or "
        "removed, and a fresh run stops here with a NameError.",
        quote=f"cell {cell.number}: {cell.line(line)}",
        settles="restarting the kernel and running all cells",
    )
