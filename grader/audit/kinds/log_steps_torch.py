"""Steps in the log of a PyTorch loop that its loader does not give."""

import re
from collections.abc import Iterator

from grader.audit.facts import Cell
from grader.audit.kinds.log_steps import KIND
from grader.audit.material import Material
from grader.audit.readers.loaders import Loader, loader_named
from grader.audit.readers.loops import Training
from grader.results import Finding, Severity

_BAR = re.compile(r"\|\s*(\d{1,9})/(\d{1,9})\s*\[(?![^\]]*B/s)")
_PRINTED = re.compile(r"[\[( ](\d{1,9})\s*/\s*(\d{1,9})\b")
_PRINTS_LENGTH = re.compile(r"/\s*\{len\((?P<loader>\w+)\)\}|/\s*\{len\((?P<data>\w+)\.dataset\)")
_FEWER = re.compile(r"islice|break\b|itertools|steps_per_epoch|total=")


def find(material: Material) -> Iterator[Finding]:
    """Compare the totals of ``tqdm`` bars, and what a loop prints of ``len(loader)``, with ⌈examples / batch size⌉."""
    known = {one.name: one for one in material.loaders if loader_named(material.loaders, one.name)}
    everyone = [one.steps for one in material.loaders]
    if not known or None in everyone or _FEWER.search(material.source) or material.is_opaque:
        return
    for training in material.trainings:
        loader = known.get(training.loader)
        if loader is None or training.cell.is_cut or training.cell.number not in material.outputs:
            continue
        totals = _totals(material, training)
        unexplained = {total for total in totals if not _is_explained(material, total)}
        if len(unexplained) == 1 and unexplained == totals - _steps_of_others(material, loader):
            yield _finding(material, training, loader, unexplained.pop())


def _totals(material: Material, training: Training) -> set[int]:
    """Return the totals that the output of a training counts to."""
    output = material.outputs[training.cell.number]
    totals = {int(total) for _, total in _BAR.findall(output)} if "tqdm" in material.source else set()
    if _PRINTS_LENGTH.search(material.source):
        numbers = [line for line in output.split("\n") if "loss" in line.lower()]
        pairs = [_PRINTED.findall(line) for line in numbers]
        # the first pair may count epochs
        totals |= {int(found[-1][1]) for found in pairs if found}
    return totals


def _is_explained(material: Material, total: int) -> bool:
    """Whether a total is what some loader or data set gives, or stands in the code."""
    sizes = {one.steps for one in material.loaders} | {
        one.data_set.examples for one in material.loaders if one.data_set is not None
    }
    return total in sizes or re.search(rf"(?<![\d.]){total}(?![\d.])", material.source) is not None


def _steps_of_others(material: Material, loader: Loader) -> set[int]:
    others = {one.steps for one in material.loaders if one.name != loader.name}
    return {steps for steps in others if steps is not None and steps != loader.steps}


def _finding(material: Material, training: Training, loader: Loader, total: int) -> Finding:
    cell: Cell = training.cell
    lines = cell.output.split("\n")
    log = next((line.strip() for line in lines if re.search(rf"/\s*{total}\b", line)), "")
    examples = loader.data_set.examples if loader.data_set is not None else 0
    return material.finding(
        KIND,
        Severity.WARNING,
        cell,
        training.line,
        f"'{loader.name}' gives {loader.steps:,} batches of {examples:,} examples; the log stored under this loop "
        f"counts to {total:,}. So it was not printed by this code with these examples: one of them was changed after "
        "the cell had been run.",
        quote=f"cell {loader.cell.number}: {loader.cell.line(loader.call.line)}\nlog:  {log[:120]}",
        settles="running this cell again as it stands, after a restart of the kernel",
    )
