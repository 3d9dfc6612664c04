"""Settings that are chosen by their score on the test set."""

import re
from collections.abc import Iterator

from grader.audit.facts import Call, Cell, Code
from grader.audit.kinds.validation_by_test_set import CHOSEN_BY
from grader.audit.material import Material
from grader.audit.readers.calls import Evaluation
from grader.audit.readers.loaders import loader_named
from grader.results import Finding, Severity

MAX_EVALUATIONS = 50

_TAKES_BEST = frozenset({"max", "argmax", "sorted", "nanmax", "nlargest", "idxmax"})
_ONLY_SHOWS = re.compile(r"lim\(|axis\(|ticks\(|axhline\(|scatter\(")


def find(material: Material) -> Iterator[Finding]:
    """Look at loops that evaluate on the test set, for what takes the best of the results."""
    said: set[int] = set()
    for evaluation in material.evaluations[:MAX_EVALUATIONS]:
        cell, code = evaluation.cell, evaluation.cell.code
        if (
            code is None
            or not evaluation.call.in_loop
            or cell.number in said
            or not is_on_test_set(material, evaluation)
        ):
            continue
        if loops_over_epochs(code, evaluation.call):
            continue
        best = _taken_when_better(code, evaluation.call) or best_of_kept(material, cell, evaluation.call)
        if best is not None:
            said.add(cell.number)
            yield _finding(material, evaluation, *best)


def is_on_test_set(material: Material, evaluation: Evaluation) -> bool:
    """Whether a network is evaluated on the whole test set of a published data set."""
    if evaluation.inputs is not None and evaluation.inputs.is_test:
        return True
    loader = loader_named(material.loaders, evaluation.call.argument("", 1) or "")
    data = loader.data_set if loader is not None else None
    return data is not None and not data.is_training and data.start is None and data.split is None


def loops_over_epochs(code: Code, call: Call) -> bool:
    """Whether a loop around a call counts epochs."""
    loops = [loop for loop in code.loops if loop.scope == call.scope and loop.line < call.line]
    return any("epoch" in f"{loop.target} {loop.over}".lower() for loop in loops)


def _words(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z]\w*", text)) - {"_"}


def _taken_when_better(code: Code, call: Call) -> tuple[int, str] | None:
    """Return where something is kept under a condition that the score is larger."""
    names = _words(call.target)
    for found in code.assignments:
        is_inside = found.in_loop and found.scope == call.scope and found.line >= call.line
        if is_inside and re.search("[<>]", found.condition) and names & _words(found.condition):
            saves = any(
                other.condition == found.condition and other.name in ("save", "deepcopy", "save_weights")
                for other in code.calls
            )
            return None if saves else (found.line, f"if {found.condition}: {found.name} = {found.value}")
    return None


def best_of_kept(material: Material, cell: Cell, call: Call) -> tuple[int, str] | None:
    """Return where, in the cell, the best of what ``call`` gave in its turns is taken from the container they are kept
    in."""
    code = cell.code or Code()
    names = _words(call.target)
    kept = {
        other.receiver
        for other in code.calls
        if other.name == "append"
        and other.in_loop
        and other.line >= call.line
        and (_is_score(other, names) or (other.line == call.line and f"{call.name}(" in (other.argument("", 0) or "")))
    } | {
        found.name.partition("[")[0]
        for found in code.assignments
        if "[" in found.name
        and found.in_loop
        and found.line >= call.line
        and (found.value in names or (found.line == call.line and f"{call.name}(" in found.value))
    }
    for where, other in material.notebook.calls:
        if where.number != cell.number or other.in_loop or other.name not in _TAKES_BEST:
            continue
        line = cell.line(other.line)
        given = other.argument("", 0) or other.receiver
        if re.match(r"(\w*)", given)[0] in kept - {""} and not _ONLY_SHOWS.search(line):  # type: ignore[index]
            return other.line, line
    return None


def _is_score(append: Call, names: set[str]) -> bool:
    text = append.argument("", 0) or ""
    return text in names or any(re.fullmatch(rf"{name}\[1\]|\(.*\b{name}\)|.*, {name}\]?\)?", text) for name in names)


def _finding(material: Material, evaluation: Evaluation, line: int, how: str) -> Finding:
    cell = evaluation.cell
    return material.finding(
        CHOSEN_BY,
        Severity.WARNING,
        cell,
        line,
        "This takes the best of several networks by their score on the test set. Its score there is then the best of "
        "several tries, and no longer an estimate for new data.",
        quote=f"{cell.line(evaluation.call.line)}\n{how}",
        settles="choosing by a validation set, and using the test set once for the chosen network",
    )
