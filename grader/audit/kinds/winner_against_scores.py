"""Text that names a winner, and stored scores by which another network won."""

import re
from collections.abc import Iterator

from grader.audit.material import Material
from grader.audit.readers.naming import named, patterns
from grader.audit.readers.prose import Sentence
from grader.audit.readers.scores import Score
from grader.results import Finding, Severity

KIND = "winner-contradicts-scores"

_BETTER = re.compile(
    r"\b(?:outperforms?|outperformed|beats?|"
    r"(?:is|was|does|did|performs?|performed|works?|worked|generali[sz]es?|scores?|scored)\s+(?:\w+\s+)?better than|"
    r"(?:has|had|reaches|reached|gets|got|achieves|achieved)\s+(?:a |an )?(?:higher|better) (?:test )?accuracy than)\b",
    re.IGNORECASE,
)
_WORSE = re.compile(
    r"\b(?:(?:is|was|does|did|performs?|performed|works?|worked|generali[sz]es?|scores?|scored)\s+(?:\w+\s+)?"
    r"worse than|"
    r"(?:has|had|reaches|reached|gets|got|achieves|achieved)\s+(?:a |an )?(?:lower|worse) (?:test )?accuracy than)\b",
    re.IGNORECASE,
)
_BEST = re.compile(r"\b(?:the )?(?:highest|best) (?:test )?accuracy\b", re.IGNORECASE)
_NOT_ABOUT_SCORES = re.compile(
    r"\b(not|never|no|neither|nor|train\w*|validation|val|faster|slower|speed|time|memory|parameters?|should|would|could|"
    r"might|may|expect\w*|paper|if|when|although|though|usually|typically|often|in general|random|chance|on fashion|"
    r"classes|class|digits?|earlier|previous\w*|loss|epochs?|noise|noisy|shifted|robust\w*|per|second|except|after|"
    r"among|smaller|hoped?|wanted)\b|n't\b|n’t\b|\?",
    re.IGNORECASE,
)


def find(material: Material) -> Iterator[Finding]:
    """Compare sentences that name two networks, or one as the best, with the scores of the networks they name."""
    if material.notebook.is_cut:
        return
    scores = _scores(material)
    words = patterns(scores) if len(scores) > 1 else {}
    last = max((one.cell.number for one in material.evaluations), default=0)
    for sentence in material.sentences if words else ():
        if sentence.cell.number > last and not _NOT_ABOUT_SCORES.search(sentence.text):
            yield from _pair(material, sentence, scores, words)
            yield from _best(material, sentence, scores, words)


def _scores(material: Material) -> dict[str, Score]:
    """Return the score of each network, if all are of the same examples and no network has two."""
    found: dict[str, Score] = {}
    for score in material.scores:
        model = score.evaluation.model
        if score.share is None or (model in found and found[model].share != score.share):
            return {}
        found.setdefault(model, score)
    inputs = {score.evaluation.inputs for score in found.values()}
    return found if len(inputs) == 1 and None not in inputs else {}


def _pair(
    material: Material, sentence: Sentence, scores: dict[str, Score], words: dict[str, re.Pattern[str]]
) -> Iterator[Finding]:
    better, worse = _BETTER.search(sentence.text), _WORSE.search(sentence.text)
    match = better or worse
    if match is None or (better and worse):
        return
    first, second = named(sentence.text[: match.start()], words), named(sentence.text[match.end() :], words)
    if not first or not second or first == second:
        return
    winner, loser = (first, second) if better else (second, first)
    if _is_above(scores[loser], scores[winner]):
        yield _finding(material, sentence, scores[winner], scores[loser], f"better than '{loser}'")


def _best(
    material: Material, sentence: Sentence, scores: dict[str, Score], words: dict[str, re.Pattern[str]]
) -> Iterator[Finding]:
    model = named(sentence.text, words)
    everyone = {one.model for one in material.evaluations} | {one.model for one in material.fits}
    everyone |= {one.model for one in material.trainings}
    if everyone != scores.keys():
        return
    if not model or not _BEST.search(sentence.text) or len(words) != len(scores):
        return
    above = [score for other, score in scores.items() if other != model and _is_above(score, scores[model])]
    if above:
        yield _finding(material, sentence, scores[model], above[0], "the best")


def _is_above(one: Score, other: Score) -> bool:
    """Whether ``one`` is the better score in every figure that both have."""
    if one.share is None or other.share is None or one.share <= other.share:
        return False
    return not (one.loss and other.loss) or float(one.loss) < float(other.loss)


def _finding(material: Material, sentence: Sentence, praised: Score, above: Score, said: str) -> Finding:
    return material.finding(
        KIND,
        Severity.NOTE,
        sentence.cell,
        sentence.line,
        f"The text calls '{praised.evaluation.model}' {said}. The stored scores say otherwise: "
        f"{praised.share:.2%} for '{praised.evaluation.model}', {above.share:.2%} for '{above.evaluation.model}'.",
        quote=f"text: {sentence.text}\ncell {praised.evaluation.cell.number}: {praised.line}\n"
        f"cell {above.evaluation.cell.number}: {above.line}",
        settles="looking at the two scores again, and changing the sentence",
    )
