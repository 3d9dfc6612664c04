"""The best of many epochs on the test set, reported as the result."""

import re
from collections.abc import Iterator
from decimal import Decimal

from grader.audit.kinds.selection_by_test import best_of_kept, is_on_test_set, loops_over_epochs
from grader.audit.material import Material
from grader.audit.readers.calls import Fit
from grader.audit.readers.logs import ACCURACY_NAMES, Log
from grader.audit.readers.numbers import could_be, decimal
from grader.audit.readers.prose import Claim
from grader.results import Finding, Severity

KIND = "best-epoch-as-result"
MIN_EPOCHS = 3

_SAYS_SO = re.compile(r"\b(best|highest|peak|max\w*|epochs?|validation|val|train\w*)\b", re.IGNORECASE)
_SETTLES = "the score of the last epoch, or of the epoch that a validation set chooses"


def find(material: Material) -> Iterator[Finding]:
    """Look for the maximum over the epochs of a loop that evaluates on the test set, and for a test accuracy in the
    text that only the best epoch of such a log has."""
    yield from _taken_in_code(material)
    for fit in material.fits:
        logs = material.logs.get(fit.cell.number, ())
        is_watched = fit.validation is not None and fit.validation.is_test
        if is_watched and len(logs) == 1 and not fit.call.argument("callbacks") and len(material.fits) == 1:
            yield from _stated(material, fit, logs[0])


def _taken_in_code(material: Material) -> Iterator[Finding]:
    said: set[int] = set()
    for evaluation in material.evaluations:
        cell, code, call = evaluation.cell, evaluation.cell.code, evaluation.call
        if code is None or not call.in_loop or cell.number in said or not is_on_test_set(material, evaluation):
            continue
        best = best_of_kept(material, cell, call) if loops_over_epochs(code, call) else None
        if best is not None:
            said.add(cell.number)
            yield material.finding(
                KIND,
                Severity.WARNING,
                cell,
                best[0],
                "The network is evaluated on the test set after every epoch, and the best of these scores is taken. It "
                "is the best of many tries, and higher than what the network reaches on new data.",
                quote=f"{cell.line(call.line)}\n{best[1]}",
                settles=_SETTLES,
            )


def _stated(material: Material, fit: Fit, log: Log) -> Iterator[Finding]:
    values = [
        next((epoch.metrics[f"val_{name}"] for name in ACCURACY_NAMES if f"val_{name}" in epoch.metrics), "")
        for epoch in log.epochs
    ]
    known = [number for number in map(decimal, values) if number is not None]
    if not MIN_EPOCHS <= len(values) == len(known):
        return
    best = max(known)
    for claim in material.claims:
        if claim.metric != "accuracy" or _SAYS_SO.search(claim.sentence.text) or claim.sentence.cell is fit.cell:
            continue
        if "test" in claim.sentence.text.lower() and _is_only_the_best(material, claim, best, values):
            yield _stated_finding(material, fit, claim, values.index(str(best)) + 1, values)


def _is_only_the_best(material: Material, claim: Claim, best: Decimal, values: list[str]) -> bool:
    share = Decimal(claim.number) / (100 if claim.percent or Decimal(claim.number) > 1 else 1)
    others = {Decimal(value) for value in values if Decimal(value) != best}
    exact = f"{share.normalize():f}"
    reached = ((decimal(score.accuracy), score.percent) for score in material.scores)
    scores = {number / (100 if percent else 1) for number, percent in reached if number is not None}
    is_another = any(could_be(exact, value) for value in others | scores)
    return share == best and Decimal(values[-1]) != best and not is_another and str(best) in values


def _stated_finding(material: Material, fit: Fit, claim: Claim, epoch: int, values: list[str]) -> Finding:
    return material.finding(
        KIND,
        Severity.NOTE,
        claim.sentence.cell,
        claim.sentence.line,
        f"The text gives {claim.number}{' %' if claim.percent else ''} as the test accuracy. That is the best of "
        f"{len(values)} epochs on the test set, epoch {epoch}; after the last one, which the network is left at, it is "
        f"{values[-1]}.",
        quote=f"text: {claim.sentence.text}\ncell {fit.cell.number}: {' '.join(values[:20])}",
        settles=_SETTLES,
    )
