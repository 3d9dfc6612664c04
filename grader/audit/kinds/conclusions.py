"""Conclusions that rest on one run, or on a difference that chance explains."""

import re
from collections.abc import Iterator
from math import sqrt

from grader.audit.material import Material
from grader.audit.readers.prose import Sentence
from grader.audit.readers.scores import Score
from grader.results import Finding, Severity

UNSEEDED = "unseeded-comparison"
WITHIN_NOISE = "difference-within-noise"
STANDARD_ERRORS = 2.0
"""Differences smaller than so many standard errors are called noise."""

_COMPARES = re.compile(
    r"\b(outperforms?|beats|"
    r"(?:is|are|was|does|did|performs?|performed|works?|worked|generali[sz]es?)\s+(?:\w+\s+)?better than|"
    r"(?:higher|better) (?:test )?accuracy than|more accurate than|superior to)\b",
    re.IGNORECASE,
)
_IS_ABOUT_SPEED = re.compile(
    r"\b(faster|slower|speed|time|memory|parameters|should|might|could|expect\w*|paper|if)\b", re.IGNORECASE
)
_SEED = re.compile(r"seed|random_state|enable_op_determinism", re.IGNORECASE)


def find(material: Material) -> Iterator[Finding]:
    """Look for sentences that call one network better, where each was trained once."""
    places = [fit.cell.number for fit in material.fits] + [one.cell.number for one in material.evaluations]
    last = max(places, default=0)
    found = [
        s
        for s in material.sentences
        if s.cell.number > last and _COMPARES.search(s.text) and not _IS_ABOUT_SPEED.search(s.text)
    ]
    if not found or material.notebook.is_cut:
        return
    if _trained_once_each(material) and not any(_SEED.search(cell.text) for cell, _ in material.notebook.code_cells):
        yield _unseeded(material, found[0])
    yield from _within_noise(material, found[0])


def _trained_once_each(material: Material) -> bool:
    models = [fit.model for fit in material.fits]
    in_functions = any(
        call.name == "fit" and call.scope for _, code in material.notebook.code_cells for call in code.calls
    )
    return (
        len(set(models)) == len(models) > 1 and not in_functions and not any(fit.call.in_loop for fit in material.fits)
    )


def _unseeded(material: Material, sentence: Sentence) -> Finding:
    models = ", ".join(f"'{fit.model}' in cell {fit.cell.number}" for fit in material.fits[:4])
    return material.finding(
        UNSEEDED,
        Severity.NOTE,
        sentence.cell,
        sentence.line,
        f"This compares networks that were trained once each ({models}), and no seed is set anywhere. Another run "
        "gives other figures, and how much they vary is not known.",
        quote=sentence.text,
        settles="a few runs of each with different seeds, and their spread beside the difference",
    )


def _within_noise(material: Material, sentence: Sentence) -> Iterator[Finding]:
    scores = [score for score in material.scores if score.share is not None]
    if len(scores) != 2 or scores[0].evaluation.model == scores[1].evaluation.model:
        return
    examples = {score.evaluation.inputs.examples for score in scores if score.evaluation.inputs is not None}
    if len(examples) != 1 or any(score.evaluation.inputs is None for score in scores):
        return
    size = examples.pop()
    first, second = ((score, score.share) for score in scores)
    if size is None or first[1] is None or second[1] is None:
        return
    error = sqrt((first[1] * (1 - first[1]) + second[1] * (1 - second[1])) / size)
    difference = abs(first[1] - second[1])
    if not difference < STANDARD_ERRORS * error:
        return
    yield material.finding(
        WITHIN_NOISE,
        Severity.NOTE,
        sentence.cell,
        sentence.line,
        f"'{first[0].evaluation.model}' has {first[1]:.2%} and '{second[0].evaluation.model}' {second[1]:.2%} of "
        f"{size:,} examples. The difference is {difference:.2%}, its standard error as two independent samples "
        f"{error:.2%}: {difference / error:.1f} standard errors.",
        quote="\n".join([sentence.text, _line(first[0]), _line(second[0])]),
        settles="counting the examples that only one of the two gets right, or several runs of each",
    )


def _line(score: Score) -> str:
    return f"cell {score.evaluation.cell.number}: {score.line}"
