"""Lines of ``ModelCheckpoint`` that do not continue each other."""

from collections.abc import Iterator
from itertools import pairwise

from grader.audit.facts import Cell
from grader.audit.material import Material
from grader.audit.readers.logs import Note
from grader.results import Finding, Severity

KIND = "checkpoint-log"


def find(material: Material) -> Iterator[Finding]:
    """What one line calls the best so far must be what the lines above it made so."""
    for cell, _ in material.notebook.code_cells:
        for log in () if cell.is_cut else material.logs.get(cell.number, ()):
            if len({note.metric for note in log.notes}) == 1:
                yield from _broken(material, cell, log.notes)


def _broken(material: Material, cell: Cell, notes: tuple[Note, ...]) -> Iterator[Finding]:
    for above, below in pairwise(notes):
        best = above.after or above.before
        if below.before == best or below.before.endswith(("inf", "None")) or below.epoch != above.epoch + 1:
            continue
        yield material.finding(
            KIND,
            Severity.WARNING,
            cell,
            None,
            f"The checkpoint's log says that the best {below.metric} before epoch {below.epoch} was {below.before}; "
            f"after epoch {above.epoch} it was {best}. One run of this cell does not print both lines.",
            quote=f"{above.line}\n{below.line}",
            settles="running this cell again, after a restart of the kernel",
        )
        return
