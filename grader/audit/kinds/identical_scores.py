"""Two networks whose scores agree in every digit."""

import re
from collections.abc import Iterator
from itertools import combinations

from grader.audit.kinds.model_changes import may_be_one
from grader.audit.material import Material
from grader.audit.readers.scores import Score
from grader.results import Finding, Severity

KIND = "identical-scores"
_SEED = re.compile(r"\b\w*seed\w*\(")
MAX_SCORES = 20
MIN_DIGITS = 6
"""Significant digits in which two losses agree only if they are the same number; with the accuracy, four are enough."""
_CHANCE_OF_A_CLASS = 0.2


def find(material: Material) -> Iterator[Finding]:
    """Compare the scores of different variables. Perfect networks may agree, and so may those that learnt nothing."""
    seeds = sum(len(_SEED.findall(cell.text)) for cell, _ in material.notebook.code_cells)
    if seeds > 1:
        # whoever seeds again before the second network may show that the same comes out
        return
    for first, second in combinations(material.scores[:MAX_SCORES], 2):
        names = first.evaluation.model, second.evaluation.model
        if names[0] == names[1] or not _agree(first, second) or may_be_one(material, *names):
            continue
        here, there = second.evaluation, first.evaluation
        yield material.finding(
            KIND,
            Severity.WARNING,
            here.cell,
            here.call.line,
            f"The scores printed for '{names[1]}' here and for '{names[0]}' in cell {there.cell.number} agree in every "
            "digit. Two networks trained apart do not: one network was evaluated under both names, or an output is "
            "older than the code beside it.",
            quote=f"cell {there.cell.number}: {first.line}\ncell {here.cell.number}: {second.line}",
            settles="restarting the kernel, running all cells, and printing the name of the network beside its score",
        )


def _agree(first: Score, second: Score) -> bool:
    if first.loss != second.loss or first.accuracy != second.accuracy or not first.loss:
        return False
    share = first.share
    if share is not None and not _CHANCE_OF_A_CLASS < share < 1:
        return False
    digits = len(first.loss.replace(".", "").lstrip("-0"))
    return digits >= MIN_DIGITS or (share is not None and len(first.loss.partition(".")[2]) >= 4 and digits >= 3)
