"""Whose a failed cell is: its own, the budget's, the surroundings', or an earlier cell's.

In doubt it is not the student's. What the budget touched is followed from name to name: a cell that defines or changes
a name while the budget cut something, or that uses a name touched so, passes it on to all that it defines.
"""

from collections.abc import Sequence

import msgspec

from grader.recording.events import Cause, CellRecord, Note

_NEVER_OF_THE_BUDGET = frozenset(("NameError", "SyntaxError", "ImportError", "UnboundLocalError"))
"""Fewer steps do not undefine a name. All other errors may come from lists that are shorter than asked for."""
_MISSING = frozenset(("needs-input", "no-data", "gone"))
_SURROUNDINGS = frozenset((
    "ImportError", "FileNotFoundError", "NotADirectoryError", "PermissionError", "ConnectionError", "URLError",
    "TimeoutError", "NoDataError",
))  # fmt: skip


def with_causes(cells: Sequence[CellRecord]) -> tuple[CellRecord, ...]:
    """Return the cells, each failure with its cause."""
    touched: set[str] = set()
    lost: dict[str, int] = {}
    known: dict[int, CellRecord] = {}
    for cell in cells:
        cause, because_of = _cause(cell, touched, lost)
        if cause == "earlier cell" and because_of is not None and known[because_of].cause in ("budget", "surroundings"):
            cause = known[because_of].cause
        known[cell.number] = msgspec.structs.replace(cell, cause=cause, because_of=because_of)
        if cell.status != "ran":
            lost.update(dict.fromkeys(cell.defines, cell.number))
        else:
            for name in cell.defines:
                lost.pop(name, None)
        if cell.cuts or touched & set(cell.uses):
            touched |= set(cell.defines)
        elif cell.status == "ran":
            touched -= set(cell.defines)
    return tuple(known.values())


def _cause(cell: CellRecord, touched: set[str], lost: dict[str, int]) -> tuple[Cause, int | None]:
    failure = cell.failure
    if cell.status == "out of time":
        return "budget", None
    if cell.status == "ended the process":
        return cell.cause, None
    if cell.status != "failed" or failure is None:
        return ("code" if cell.status == "unreadable" else ""), None
    kinds = {failure.kind, *failure.bases}
    missing = [lost[name] for name in cell.uses if name in lost]
    if failure.name in lost:
        return "earlier cell", lost[failure.name]
    if kinds & _SURROUNDINGS or any(isinstance(e, Note) and e.kind in _MISSING for e in cell.events):
        return "surroundings", None
    if not kinds & _NEVER_OF_THE_BUDGET and (cell.cuts or touched & set(cell.uses)):
        return "budget", None
    # what a cell that failed would have changed may be all that is wrong
    return ("earlier cell", missing[0]) if missing and "NameError" not in kinds else ("code", None)
