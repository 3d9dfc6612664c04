"""A confusion matrix that belongs to another accuracy than the one reported."""

import re
from collections.abc import Iterator
from decimal import Decimal

from grader.audit.material import Material
from grader.audit.readers.numbers import could_be, forms, places
from grader.results import Finding, Severity

KIND = "confusion-trace"
MIN_CLASSES = 3
SINGLE_PRECISION = 5
"""Decimals of a share that single precision keeps."""

_MATRIX = re.compile(r"\[\[[\d\s,]+\](?:[,\s]*\[[\d\s,]+\]){1,200}\s*\]")
_ROW = re.compile(r"\[([\d\s,]+)\]")


def find(material: Material) -> Iterator[Finding]:
    """Compare the share on the diagonal with the score, where there is one matrix, one network and one score, and both
    are about the same number of examples."""
    matrices = [
        (cell, matrix)
        for cell, _ in material.notebook.code_cells
        for matrix in _matrices("" if cell.is_cut else cell.output)
    ]
    scores = [score for score in material.scores if score.share is not None]
    if len(matrices) != 1 or len(scores) != 1 or len({one.model for one in material.evaluations}) != 1:
        return
    cell, matrix = matrices[0]
    score = scores[0]
    total, right = sum(sum(row) for row in matrix), sum(row[number] for number, row in enumerate(matrix))
    inputs = score.evaluation.inputs
    first, last = sorted((cell.number, score.evaluation.cell.number))
    trained_between = any(first <= fit.cell.number <= last for fit in material.fits)
    if inputs is None or inputs.examples != total or trained_between:
        return
    share = Decimal(right) / Decimal(total)
    # frameworks print shares in single precision: 0.9744999766 is 9,745 of 10,000
    written = f"{float(score.accuracy):.{min(places(score.accuracy), SINGLE_PRECISION)}f}"
    if any(could_be(written, form) for form in forms(share)) or share in material.printed:
        return
    yield material.finding(
        KIND,
        Severity.WARNING,
        cell,
        None,
        f"The diagonal of this matrix has {right:,} of {total:,} examples, an accuracy of {share:.2%}; the accuracy "
        f"printed in cell {score.evaluation.cell.number} is {score.accuracy}{' %' if score.percent else ''}. One "
        "network on one test set has one of them.",
        quote=f"cell {score.evaluation.cell.number}: {score.line}\n"
        f"cell {cell.number}: {right:,} of {total:,} on the diagonal",
        settles="making the matrix and the score from the same predictions",
    )


def _matrices(output: str) -> Iterator[list[list[int]]]:
    for text in _MATRIX.findall(output):
        rows = [[int(number[:9]) for number in re.findall(r"\d+", row)] for row in _ROW.findall(text[1:-1])]
        if len(rows) >= MIN_CLASSES and all(len(row) == len(rows) for row in rows) and any(any(row) for row in rows):
            yield rows
