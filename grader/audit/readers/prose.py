"""Sentences in Markdown cells, and the figures that they state about a network."""

import re
from collections.abc import Iterable, Iterator

import msgspec

from grader.audit.facts import Cell, Notebook

_FENCE = re.compile(r"^ {0,3}(```|~~~)")
_NOT_WORDS = re.compile(r"`[^`]*`|\$[^$]*\$|https?://\S+|<[^>]*>|[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}")
_SENTENCE_END = re.compile(r"(?<=[.!?;])(?<!\bal\.)(?<!\bcf\.)(?<!\bca\.)(?<!\bvs\.)\s+(?=[^a-z])")
_FIGURE = r"(?P<number>\d{1,3}[.,]\d{1,8})(?![\d.,]*\d|[eE][-+\d]|\s*[×x·*]\s*10)\s*(?P<percent>%|percent\b)?"
_OTHER_QUANTITY = (
    r"(?!decay|momentum|rate|coefficient|lambda|weight|smoothing|penalty|dropout|regulari|relative|gradient)"
)
_METRIC = r"(?P<metric>accuracy|loss|error(?: rate)?)"
_STATED = (
    re.compile(
        rf"\b{_METRIC}\b(?: {_OTHER_QUANTITY}\w+){{0,5}}?\s*(?:of|is|was|are|were|at|to|:|=|\()\s*{_FIGURE}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<![\w.,]){_FIGURE}\s*(?:of )?(?:test|validation|training|train|final)?\s*{_METRIC}\b", re.IGNORECASE
    ),
)
_SOMEBODY_ELSE = (
    r"paper|et al|lecun|published|literature|state.of.the.art|lecture|book|tutorial|website|blog|authors?|pre-?trained|"
    r"colleague|friend|partner|human|random|chance|guess\w*|baseline"
)
_WORDS_FOR_ELSEWHERE = (
    _SOMEBODY_ELSE,
    # what is asked for or expected
    r"handout|assignment|task|expected|expect|should|goal|target|required?|requirement|at least|at most",
    r"threshold|limit|would|could|might|if|suppose|imagine|hope",
    # another run
    r"previous\w*|earlier|before|last (?:time|year|week)|first (?:try|run)|(?:other|another|second) (?:run|try)",
    r"re-?run|colab|gpu|laptop|without running",
    # worked out from figures, or rough
    r"differ\w*|gap|improve\w*|gain\w*|drop\w*|fell|increase[sd]?|decrease[sd]?|points?|average\w*|mean|median|std",
    r"deviation|roughly|about|around|approx\w*|nearly|almost|over|under|above|below|more than|less than|between|up to",
    # of a part, or another quantity
    r"class(?:es)?|digits?|categor\w*|labels?|confusion|precision|recall|f1|relative|gradient\w*",
)
_NAMES_SOMEBODY = re.compile(rf"\b(?:{_SOMEBODY_ELSE})\b", re.IGNORECASE)
_ELSEWHERE = re.compile(rf"\b(?:{'|'.join(_WORDS_FOR_ELSEWHERE)})\b|[~≈±<>≥≤]|\bca\.", re.IGNORECASE)


class Sentence(msgspec.Struct, frozen=True):
    """A sentence of a Markdown cell, the line (from 1) that it stands in, and whether that line names somebody else,
    whom the sentence may be about without saying so."""

    cell: Cell
    line: int
    text: str
    is_near_somebody_else: bool = False


class Claim(msgspec.Struct, frozen=True):
    """A figure that a sentence states as what came out: ``number`` as it is written, with a decimal point."""

    sentence: Sentence
    metric: str
    number: str
    percent: bool


def sentences(notebook: Notebook) -> Iterator[Sentence]:
    """Yield the sentences of the Markdown cells. Code, formulas, quotations and tables are left out."""
    for cell in notebook.cells:
        if cell.kind != "markdown":
            continue
        is_fenced = False
        for number, line in enumerate(cell.text.split("\n"), start=1):
            if _FENCE.match(line):
                is_fenced = not is_fenced
            elif not is_fenced and not line.lstrip().startswith((">", "|", "    ", "#", "![")):
                plain = _NOT_WORDS.sub(" ", line)
                for text in _SENTENCE_END.split(plain):
                    if text.strip():
                        yield Sentence(cell, number, " ".join(text.split()), _NAMES_SOMEBODY.search(plain) is not None)


def claims(sentences: Iterable[Sentence]) -> Iterator[Claim]:
    """Yield the accuracies, losses and errors that sentences state as results of this notebook.

    Sentences that may be about something else are left out: about a paper, a goal, another run, a difference, a mean.
    """
    for sentence in sentences:
        if speaks_of_elsewhere(sentence):
            continue
        seen: set[int] = set()
        for pattern in _STATED:
            for match in pattern.finditer(sentence.text):
                if match.start("number") not in seen:
                    seen.add(match.start("number"))
                    number = match["number"].replace(",", ".")
                    yield Claim(sentence, match["metric"].lower(), number, bool(match["percent"]))


def speaks_of_elsewhere(sentence: Sentence) -> bool:
    """Whether a sentence may be about something other than what this notebook computed."""
    return sentence.is_near_somebody_else or _ELSEWHERE.search(sentence.text) is not None
