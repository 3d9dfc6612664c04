"""Which rows of which array a variable holds."""

import re

import msgspec

from grader.audit.facts import Notebook
from grader.audit.readers.flow import SIZES, Origin, last_assignment, origin

_SLICE = re.compile(
    r"\[(?P<start>-?\d{0,9}):(?P<stop>-?\d{0,9})\](?:$)|\[(?P<first>-?\d{0,9}):(?P<last>-?\d{0,9}), (?::|\.\.\.)"
)
_PERMUTED = re.compile(r"\[(?P<name>\w+)(?:\[(?P<start>\d{0,9}):(?P<stop>\d{0,9})\])?\]$")
_IS_PERMUTATION = re.compile(r"(?:\w+\.)*permutation\(|torch\.randperm\(")
_SPLITS = re.compile(r"(?:\w+\.)*train_test_split\(")
_FAR = 10**9


class Rows(msgspec.Struct, frozen=True):
    """Rows of an array: ``array`` says which one; ``start`` and ``stop`` which of them, in the order that ``order``
    gave them: a permutation or a random split, by the place where it was made. ``part`` is the side of that split."""

    array: tuple[str, ...]
    start: int
    stop: int
    order: tuple[str, ...]
    part: str
    cell: int
    source: str
    text: str


def rows_of(notebook: Notebook, name: str, cell: int, line: int) -> Rows | None:
    """Return the rows that ``name`` holds where it is read, if that is certain."""
    if split := _split(notebook, name, cell, line):
        return split
    found = origin(notebook, name, cell, line)
    assigned = last_assignment(notebook, name, cell, line)
    if found is None or assigned is None:
        return None
    home, assignment = assigned
    where, source = home.number, f"{assignment.name} = {assignment.value}"
    steps = [step for step in found.steps if not _keeps(step)]
    array = (found.root, found.position)
    size = SIZES[found.data_set][int(found.position[0])] if found.data_set else None
    order: tuple[str, ...] = ()
    if len(steps) == 2 and (key := _permutation(notebook, steps[0], cell, line)) and not key[1]:
        order, steps = key[0], steps[1:]
    if len(steps) != 1:
        return None
    if key := _permutation(notebook, steps[0], cell, line):
        order, bounds = key
    elif piece := _SLICE.match(steps[0]):
        bounds = next(
            ((a or "", b or "") for a, b in (piece.groups()[:2], piece.groups()[2:]) if a is not None), ("", "")
        )
    else:
        return None
    start, stop = _bound(bounds[0], 0, size), _bound(bounds[1], size or _FAR, size)
    if start is None or stop is None or start >= stop:
        return None
    return Rows(array, start, stop, order, "", where, source, f"{assignment.name} ({steps[0]})")


def certainly_overlap(first: Rows, second: Rows, seeds: int) -> bool:
    """Whether two variables hold rows in common. Where a seed is set more than once, two permutations may be one."""
    if first.array != second.array:
        return False
    if first.order == second.order:
        return first.part == second.part and max(first.start, second.start) < min(first.stop, second.stop)
    if not first.order or not second.order or seeds > 1:
        return False
    return first.part != second.part or not first.part


def _keeps(step: str) -> bool:
    return Origin("", "", (step,)).keeps_examples


def _bound(text: str, default: int, size: int | None) -> int | None:
    if not text:
        return default
    value = int(text)
    if value >= 0:
        return value if size is None else min(value, size)
    return None if size is None else size + value


def _permutation(notebook: Notebook, step: str, cell: int, line: int) -> tuple[tuple[str, ...], tuple[str, str]] | None:
    """Return which permutation a step takes, by where it was made, and the bounds in it; empty without any."""
    found = _PERMUTED.match(step)
    assigned = last_assignment(notebook, found["name"], cell, line) if found else None
    every = notebook.assignments.get(found["name"], ()) if found else ()
    if found is None or assigned is None or len(every) != 1 or not _IS_PERMUTATION.match(assigned[1].value):
        return None
    if assigned[1].in_loop or assigned[1].condition or assigned[1].scope:
        return None
    key = (str(assigned[0].number), str(assigned[1].line), found["name"])
    return key, ((found["start"] or "", found["stop"] or "") if ":" in step else ("", ""))


def _split(notebook: Notebook, name: str, cell: int, line: int) -> Rows | None:
    """Return the rows of a variable that ``train_test_split`` of scikit-learn gave, the first array's sides only."""
    assigned = last_assignment(notebook, name, cell, line)
    if assigned is None or not _SPLITS.match(assigned[1].value) or assigned[1].position not in ("0", "1"):
        return None
    home, assignment = assigned
    source = origin(notebook, assignment.root, home.number, assignment.line)
    if assignment.in_loop or assignment.condition or assignment.scope or source is None:
        return None
    if not all(_keeps(step) for step in source.steps):
        return None
    is_seeded = re.search(r"random_state=\d+", assignment.value) is not None
    key = (assignment.value,) if is_seeded else (str(home.number), str(assignment.line))
    text = f"{assignment.name} (side {assignment.position} of a random split)"
    return Rows(
        (source.root, source.position), 0, _FAR, key, assignment.position, home.number,
        f"{assignment.name} = {assignment.value}", text,
    )  # fmt: skip
