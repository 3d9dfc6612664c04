"""Text that says how a curve runs, and a stored log in which it runs the other way."""

import re
from collections.abc import Iterator
from itertools import pairwise

from grader.audit.facts import Cell
from grader.audit.material import Material
from grader.audit.readers.curves import Curves
from grader.audit.readers.prose import Sentence
from grader.results import Finding, Severity

KIND = "trend-contradicts-log"
MIN_EPOCHS_OF_OVERFITTING = 5
RISE_OF_OVERFITTING = 1.3
"""The last validation loss over the smallest one, from which on nobody would say that there is no overfitting."""

_UP = r"rises|rose|is rising|increases|increased|goes up|went up|grows|grew|climbs|climbed"
_DOWN = r"falls|fell|is falling|decreases|decreased|drops|dropped|declines|declined|goes down|went down|shrinks"
_MOVES = re.compile(
    rf"\b(?P<part>training|train|validation|val|test)[ -](?P<metric>loss|accuracy)\s+(?:\w+\s+){{0,2}}?"
    rf"(?:(?P<up>{_UP})|(?P<down>{_DOWN}))\b",
    re.IGNORECASE,
)
_QUALIFIED = re.compile(
    r"\b(not|never|no|neither|nor|without|hardly|stops?|stopped|until|after|before|at first|from|then|again|later|end|"
    r"start\w*|begin\w*|beginning|epochs? \d+|first|last|second|few|between|sometimes|slightly|once|while|when|if|"
    r"should|would|could|might|may|with|higher|lower|larger|smaller|more|fewer|expect\w*|than|compar\w*|unlike|paper|both|other|usually|typically|often|per|each|because)\b|"
    r"n't\b|n’t\b",
    re.IGNORECASE,
)
_OVERFITS = re.compile(
    r"\b(?:overfits|is (?:clearly |strongly |heavily )?overfitting|(?:we|one) (?:can )?(?:clearly )?sees? "
    r"(?:clear |strong )?overfitting|(?:clear|strong) (?:signs? of )?overfitting)\b",
    re.IGNORECASE,
)
_DOES_NOT_OVERFIT = re.compile(
    r"\b(?:no (?:clear |visible )?(?:signs? of )?overfitting|does(?: not|n't|n’t) (?:\w+ )?overfit|"
    r"is not overfitting|(?:isn't|isn’t) overfitting)\b",
    re.IGNORECASE,
)
_ANY_DOUBT = re.compile(
    r"\b(not|no|never|without|little|less|more|much|avoid\w*|prevent\w*|reduc\w*|would|could|might|may|if|when|until|"
    r"after|before|expect\w*|than|risk|tend\w*|compar\w*|other|hardly|slight\w*|at first|larger|smaller|usually|"
    r"why|because|dropout|regulari\w*|paper|first|second|both|longer|further|later|neither|epochs?)\b|n't\b|\?",
    re.IGNORECASE,
)


def find(material: Material) -> Iterator[Finding]:
    """Compare each unqualified statement about a curve with the log that it can only be about."""
    for sentence in material.sentences:
        found = _log_for(material, sentence)
        if found is None:
            continue
        cell, curves = found
        yield from _moves(material, sentence, cell, curves)
        yield from _overfitting(material, sentence, cell, curves)


def _log_for(material: Material, sentence: Sentence) -> tuple[Cell, Curves] | None:
    """Return the only log of the notebook, or the only one between the last heading and the sentence."""
    trained = {fit.cell.number for fit in material.fits} | {one.cell.number for one in material.trainings}
    logs = [cell for cell, _ in material.notebook.code_cells if cell.number in material.curves and not cell.is_cut]
    above = [cell for cell in logs if cell.number < sentence.cell.number]
    if len(logs) == 1 and above and len(trained) <= 1:
        return above[0], material.curves[above[0].number]
    headings = [
        cell.number
        for cell in material.notebook.cells
        if cell.kind == "markdown" and cell.number < sentence.cell.number and cell.text.lstrip().startswith("#")
    ]
    start = max(headings, default=0)
    near = [cell for cell in above if cell.number > start]
    near_trained = [number for number in trained if start < number < sentence.cell.number]
    return (near[0], material.curves[near[0].number]) if len(near) == 1 and len(near_trained) <= 1 else None


def _moves(material: Material, sentence: Sentence, cell: Cell, curves: Curves) -> Iterator[Finding]:
    if _QUALIFIED.search(sentence.text):
        return
    for match in _MOVES.finditer(sentence.text):
        part = {"t": "training", "v": "validation"}[match["part"][0].lower()]
        part = "test" if match["part"].lower() == "test" else part
        name = f"{part} {match['metric'].lower()}"
        curve = curves.values.get(name, ())
        rises = all(earlier <= later for earlier, later in pairwise(curve)) and curve[:1] < curve[-1:]
        falls = all(earlier >= later for earlier, later in pairwise(curve)) and curve[:1] > curve[-1:]
        if (match["up"] and falls) or (match["down"] and rises):
            said, done = ("rises", "falls") if match["up"] else ("falls", "rises")
            yield _finding(
                material,
                sentence,
                f"The text says that the {name} {said}. In the log of cell {cell.number} it {done} in every epoch or "
                f"stays the same: from {curve[0]:g} to {curve[-1]:g}.",
                f"cell {cell.number}, {name}: {_shown(curve)}",
            )


def _overfitting(material: Material, sentence: Sentence, cell: Cell, curves: Curves) -> Iterator[Finding]:
    text = sentence.text
    training, validation = curves.values.get("training loss", ()), curves.values.get("validation loss", ())
    if not training or len(training) != len(validation) or len(training) < MIN_EPOCHS_OF_OVERFITTING:
        return
    shown = f"cell {cell.number}, training loss:   {_shown(training)}\n"
    shown += f"cell {cell.number}, validation loss: {_shown(validation)}"
    falls = all(earlier > later for earlier, later in pairwise(validation))
    if _OVERFITS.search(text) and not _ANY_DOUBT.search(text) and falls and validation[-1] <= training[-1]:
        yield _finding(
            material,
            sentence,
            f"The text says that the network overfits. In the log of cell {cell.number} the validation loss falls in "
            f"every epoch, and ends at {validation[-1]:g}, not above the training loss of {training[-1]:g}.",
            shown,
        )
    least = min(validation)
    is_early = validation.index(least) < len(validation) // 2
    learns = all(earlier > later for earlier, later in pairwise(training)) and training[-1] < validation[-1] / 2
    negated = _DOES_NOT_OVERFIT.search(text)
    rest = text.replace(negated[0], " ") if negated else ""
    if (
        negated
        and not _ANY_DOUBT.search(rest)
        and is_early
        and learns
        and validation[-1] >= RISE_OF_OVERFITTING * least
    ):
        yield _finding(
            material,
            sentence,
            f"The text says that there is no overfitting. In the log of cell {cell.number} the validation loss rises "
            f"from {least:g} in epoch {validation.index(least) + 1} to {validation[-1]:g}, while the training loss "
            f"falls to {training[-1]:g}.",
            shown,
        )


def _shown(curve: tuple[float, ...]) -> str:
    values = [f"{value:g}" for value in curve]
    return " ".join(values if len(values) <= 12 else [*values[:5], "…", *values[-5:]])


def _finding(material: Material, sentence: Sentence, text: str, quote: str) -> Finding:
    return material.finding(
        KIND,
        Severity.NOTE,
        sentence.cell,
        sentence.line,
        text,
        quote=f"text: {sentence.text}\n{quote}",
        settles="looking at the log or its plot again, and changing the sentence",
    )
