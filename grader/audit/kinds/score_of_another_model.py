"""A score that is printed where another network was evaluated."""

import re
from collections.abc import Iterator

from grader.audit.material import Material
from grader.audit.readers.calls import Evaluation
from grader.results import Finding, Severity

KIND = "score-of-another-model"

_F_STRING = re.compile(r"""\bf(?:'[^']*'|"[^"]*")""")
_BRACES = re.compile(r"\{([^{}]*)\}")
_PLAIN_STRING = re.compile(r"""'[^']*'|"[^"]*\"""")


def find(material: Material) -> Iterator[Finding]:
    """Look for a cell that evaluates one network into a variable that is read nowhere, and prints another network's."""
    kept = [(evaluation, _names(evaluation)) for evaluation in material.evaluations]
    for evaluation, names in kept:
        if not names or not _is_silent(material, evaluation) or any(_is_read(material, name) for name in names):
            continue
        for other, theirs in kept:
            is_above = (other.cell.number, other.call.line) < (evaluation.cell.number, evaluation.call.line)
            if other.model == evaluation.model or not is_above or other.cell.number == evaluation.cell.number:
                continue
            if (printed := _printed(evaluation, theirs)) and not set(theirs) & set(names):
                yield _finding(material, evaluation, other, names[0], printed)
                break


def _names(evaluation: Evaluation) -> tuple[str, ...]:
    return tuple(re.findall(r"[A-Za-z]\w*", evaluation.call.target))


def _is_read(material: Material, name: str) -> bool:
    """Whether ``name`` stands anywhere but where it is assigned."""
    found = sum(len(re.findall(rf"\b{re.escape(name)}\b", cell.text)) for cell, _ in material.notebook.code_cells)
    written = sum(a.name == name for _, code in material.notebook.code_cells for a in code.assignments)
    return found > written


def _is_silent(material: Material, evaluation: Evaluation) -> bool:
    """Whether the evaluation itself prints nothing, so that the line below it is the only score in the cell."""
    call = evaluation.call
    if call.in_loop or not call.is_fully_seen:
        return False
    if evaluation.is_method:
        return call.argument("verbose", 3) == "0"
    every = (other for _, code in material.notebook.code_cells for other in code.calls)
    return not any(other.name == "print" and other.scope.split(".")[0] == call.name for other in every)


def _printed(evaluation: Evaluation, names: tuple[str, ...]) -> int | None:
    """Return the line below the evaluation, in its cell, that prints one of ``names``."""
    for call in evaluation.cell.code.calls if evaluation.cell.code else ():
        text = " ".join(argument for _, argument in call.arguments)
        # of strings only what an f-string evaluates
        text = _PLAIN_STRING.sub(" ", _F_STRING.sub(lambda found: " ".join(_BRACES.findall(found[0])), text))
        words = set(re.findall(r"[A-Za-z]\w*", text))
        if call.name == "print" and call.line > evaluation.call.line and words & set(names):
            return call.line
    return None


def _finding(material: Material, here: Evaluation, other: Evaluation, name: str, line: int) -> Finding:
    return material.finding(
        KIND,
        Severity.WARNING,
        here.cell,
        line,
        f"This cell evaluates '{here.model}' into '{name}', which is read nowhere, and prints the score of "
        f"'{other.model}' from cell {other.cell.number}.",
        quote=f"{here.cell.line(here.call.line)}\n{here.cell.line(line)}\ncell {other.cell.number}: "
        f"{other.cell.line(other.call.line)}",
        settles=f"printing '{name}' instead",
    )
