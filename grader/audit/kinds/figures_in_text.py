"""Figures in the text that no stored output has."""

import re
from collections.abc import Iterator
from decimal import Decimal

from grader.audit.material import Material
from grader.audit.readers.numbers import are_swapped, could_be, decimal, forms, places
from grader.audit.readers.prose import Claim
from grader.results import Finding, Severity

NOWHERE = "figure-not-in-outputs"
SWAPPED = "figure-with-swapped-digits"
MIN_DIGITS = 3
"""Significant digits from which on a figure is a result that was read off, and not a rough statement."""

_SHOWN_IN_A_PLOT = re.compile(
    r"\b(?:set_)?(?:title|text|annotate|suptitle|label|bar_label|legend|xlabel|table)\(.*(?:\{|%|\bstr\(|\+)"
)
_SHOWN_ELSEWHERE = re.compile(r"%tensorboard|wandb|mlflow|\.csv\b|json\.load|ipywidgets")


def find(material: Material) -> Iterator[Finding]:
    """Look for each stated accuracy, loss and error among all numbers printed, as a share or in percent, rounded or
    cut off.

    Nothing is said where outputs may be missing, or where figures may have been shown in pictures.
    """
    texts = [cell.text for cell, _ in material.notebook.code_cells]
    if not material.has_whole_outputs or not _prints_results(material) or any(map(_shows_elsewhere, texts)):
        return
    for claim in material.claims:
        if len(claim.number.replace(".", "").lstrip("0")) >= MIN_DIGITS and not _occurs(claim, material.printed):
            swapped = _swapped(claim, material)
            yield _swapped_finding(material, claim, swapped) if swapped else _nowhere_finding(material, claim)


def _prints_results(material: Material) -> bool:
    has_shares = any(value % 1 for value in material.printed)
    return has_shares and bool(material.evaluations or material.logs)


def _shows_elsewhere(text: str) -> bool:
    return _SHOWN_ELSEWHERE.search(text) is not None or any(_SHOWN_IN_A_PLOT.search(line) for line in text.split("\n"))


def _occurs(claim: Claim, printed: frozenset[Decimal]) -> bool:
    return any(could_be(claim.number, form) for value in printed for form in forms(value))


def _swapped(claim: Claim, material: Material) -> str:
    """Return the score that the claim is, with two digits in each other's place, as it is printed."""
    for score in material.scores:
        for printed in filter(None, (score.accuracy, score.loss)):
            value = decimal(printed)
            for form in forms(value) if value is not None else ():
                if are_swapped(f"{form:.{places(claim.number)}f}", claim.number):
                    return printed
    return ""


def _stated(claim: Claim) -> str:
    return f"{claim.number}{' %' if claim.percent else ''} for the {claim.metric}"


def _swapped_finding(material: Material, claim: Claim, printed: str) -> Finding:
    score = next(score for score in material.scores if printed in (score.accuracy, score.loss))
    return material.finding(
        SWAPPED,
        Severity.WARNING,
        claim.sentence.cell,
        claim.sentence.line,
        f"The text gives {_stated(claim)}. No stored output has this number; cell {score.evaluation.cell.number} "
        f"printed {printed}, which is the same with two digits in each other's place.",
        quote=f"text:   {claim.sentence.text}\noutput: {score.line}",
        settles="correcting the figure",
    )


def _nowhere_finding(material: Material, claim: Claim) -> Finding:
    return material.finding(
        NOWHERE,
        Severity.NOTE,
        claim.sentence.cell,
        claim.sentence.line,
        f"The text gives {_stated(claim)}. No number in the stored outputs is this one, neither as a share nor in "
        "percent, rounded or not. It may come from another run than the one handed in.",
        quote=claim.sentence.text,
        settles="the output that the figure was read from, or the figure that this run printed",
    )
