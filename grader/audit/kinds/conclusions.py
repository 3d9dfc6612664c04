"""Conclusions that rest on one run, or on a difference that chance explains."""

import re
from collections.abc import Iterator, Sequence
from math import sqrt

from grader.audit.material import Material
from grader.audit.readers.loaders import loader_named
from grader.audit.readers.naming import named, patterns
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
_IMPROVED = re.compile(
    r"\btest accuracy (?:\w+ )?(?:improved|improves|increased|increases|rose|rises|went up|grew) from "
    r"(?P<old>\d{1,3}\.\d{1,4}) ?%? to (?P<new>\d{1,3}\.\d{1,4}) ?(?P<percent>%)?",
    re.IGNORECASE,
)
_SAYS_SO = re.compile(r"\b(noise|chance|luck|standard error|significan\w*|random|epochs?|not)\b|n't\b", re.IGNORECASE)
_SETTLES = "counting the examples that only one of the two gets right, or several runs of each"
_SEED = re.compile(r"seed|random_state|enable_op_determinism", re.IGNORECASE)


def find(material: Material) -> Iterator[Finding]:
    """Look for sentences that call one network better, where each was trained once."""
    places = [fit.cell.number for fit in material.fits] + [one.cell.number for one in material.evaluations]
    places += [one.cell.number for one in material.trainings]
    last = max(places, default=0)
    found = [
        s
        for s in material.sentences
        if s.cell.number > last and _COMPARES.search(s.text) and not _IS_ABOUT_SPEED.search(s.text)
    ]
    if material.notebook.is_cut:
        return
    if not found:
        yield from _improved_in_text(material)
        return
    if _trained_once_each(material) and not any(_SEED.search(cell.text) for cell, _ in material.notebook.code_cells):
        yield _unseeded(material, found[0])
    within = list(_within_noise(material, found))
    yield from within or _improved_in_text(material)


def _trained_once_each(material: Material) -> bool:
    if not material.fits:
        trained = [one.model for one in material.trainings]
        once = not any(one.is_repeated for one in material.trainings) and all(trained)
        return once and len(set(trained)) == len(trained) > 1
    models = [fit.model for fit in material.fits]
    in_functions = any(
        call.name == "fit" and call.scope for _, code in material.notebook.code_cells for call in code.calls
    )
    return (
        len(set(models)) == len(models) > 1 and not in_functions and not any(fit.call.in_loop for fit in material.fits)
    )


def _unseeded(material: Material, sentence: Sentence) -> Finding:
    trained = material.fits or material.trainings
    models = ", ".join(f"'{one.model}' in cell {one.cell.number}" for one in trained[:4])
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


def _within_noise(material: Material, sentences: Sequence[Sentence]) -> Iterator[Finding]:
    scores = [score for score in material.scores if score.share is not None]
    models = [score.evaluation.model for score in scores]
    sizes = {_size(material, score) for score in scores}
    size = sizes.pop() if len(sizes) == 1 else None
    if size is None or len(set(models)) != len(models):
        return
    for sentence in sentences:
        pair = scores if len(scores) == 2 else _named(sentence, scores)
        if len(pair) == 2 and (why := noise(pair[0].share or 0.0, pair[1].share or 0.0, size)):
            first, second = (score.evaluation.model for score in pair)
            yield material.finding(
                WITHIN_NOISE,
                Severity.NOTE,
                sentence.cell,
                sentence.line,
                f"'{first}' has {pair[0].share:.2%} and '{second}' {pair[1].share:.2%} of {size:,} examples. {why}",
                quote="\n".join([sentence.text, *map(_line, pair)]),
                settles=_SETTLES,
            )
            return


def _size(material: Material, score: Score) -> int | None:
    """Return how many examples a score is of, if that is certain."""
    if score.evaluation.inputs is not None and score.evaluation.inputs.examples is not None:
        return score.evaluation.inputs.examples
    loader = loader_named(material.loaders, score.evaluation.call.argument("", 1) or "")
    return loader.data_set.examples if loader is not None and loader.data_set is not None else None


def _named(sentence: Sentence, scores: Sequence[Score]) -> list[Score]:
    """Return the scores of the two networks on either side of the comparison in a sentence."""
    match = _COMPARES.search(sentence.text)
    words = patterns(score.evaluation.model for score in scores)
    sides = (sentence.text[: match.start()], sentence.text[match.end() :]) if match else ()
    names = [named(side, words) for side in sides]
    return [score for name in names for score in scores if score.evaluation.model == name]


def _improved_in_text(material: Material) -> Iterator[Finding]:
    """Look for an improvement of the test accuracy that the text gives in figures, where every evaluation is of equally
    many examples."""
    sizes = {_size(material, score) for score in material.scores}
    size = sizes.pop() if len(sizes) == 1 else None
    for sentence in material.sentences if size is not None else ():
        match = _IMPROVED.search(sentence.text)
        if match is None or size is None or _IS_ABOUT_SPEED.search(sentence.text) or _SAYS_SO.search(sentence.text):
            continue
        divisor = 100 if match["percent"] or float(match["new"]) > 1 else 1
        old, new = float(match["old"]) / divisor, float(match["new"]) / divisor
        if 0 < old < new <= 1 and (why := noise(old, new, size)):
            yield material.finding(
                WITHIN_NOISE,
                Severity.NOTE,
                sentence.cell,
                sentence.line,
                f"The text tells of an improvement from {old:.2%} to {new:.2%} of {size:,} examples. {why}",
                quote=sentence.text,
                settles=_SETTLES,
            )
            return


def noise(first: float, second: float, examples: int) -> str:
    """Say that two shares of ``examples`` differ by less than chance explains, or nothing if they differ by more."""
    mean = (first + second) / 2
    error = sqrt(2 * mean * (1 - mean) / examples)
    difference = abs(first - second)
    if not difference < STANDARD_ERRORS * error:
        return ""
    return (
        f"The difference is {difference:.2%}, its standard error as two independent samples {error:.2%}: "
        f"{difference / error:.1f} standard errors."
    )


def _line(score: Score) -> str:
    return f"cell {score.evaluation.cell.number}: {score.line}"
