"""Text that gives sizes, strides, padding, rates or counts of layers that no layer in the code has."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from grader.audit.facts import Call
from grader.audit.material import Material
from grader.audit.readers.architecture import CONVOLUTIONS, POOLS, Quantity, quantity
from grader.audit.readers.prose import Sentence
from grader.results import Finding, Severity

KIND = "text-against-network"

_SIDES = r"(?<![\dx×])(?P<a>\d{1,2}) ?[x×] ?(?P<b>\d{1,2})(?! ?[x×] ?\d)"
_NOT_THIS_NETWORK = re.compile(
    r"\b(not|instead|rather|would|larger|smaller|bigger|other|alternativ\w*|original\w*|lenet|alexnet|vgg|resnet|usual\w*|"
    r"typical\w*|common\w*|often|generally|e\.g|example|tried|try|also|than|images?|inputs?|outputs?|feature maps?|"
    r"shape|two stacked|receptive|pixels?|grid|figures?|plots?|parameters?|weights?|default|each|per|schedul\w*|"
    r"decay\w*|"
    r"initial\w*|start\w*|then|later|reduc\w*|warm\w*|either|stack\w*|too|no longer|matrix|equivalent\w*|"
    r"handout|assignment|task|expect\w*|should|could|might|may|if|suppose|previous\w*|earlier|before|after|between|more|"
    r"less|about|around|roughly|second try|experiment\w*)\b|n't\b|\?",
    re.IGNORECASE,
)
_HIDES_LAYERS = re.compile(
    r"\*\*\w|getattr\(|\.from_config|load_model|applications|torchvision\.models|timm|keras_tuner"
)


class _Rule(NamedTuple):
    """How a sentence states a quantity, and which layers have it."""

    what: str
    pattern: re.Pattern[str]
    calls: frozenset[str]
    quantity: Quantity


def _rule(what: str, pattern: str, calls: frozenset[str], of: Quantity) -> _Rule:
    return _Rule(what, re.compile(pattern, re.IGNORECASE), calls, of)


_DENSE = frozenset({"Dense", "Linear", "LazyLinear"})
_DROPOUT = frozenset({"Dropout", "Dropout2d", "SpatialDropout2D", "AlphaDropout"})
_RULES = (
    _rule("kernels of", rf"{_SIDES} (?:kernels?|filters?|convolution(?:s|al)?)\b", CONVOLUTIONS, Quantity.KERNEL),
    _rule("kernels of", rf"\bkernels? (?:size )?(?:of |is )?(?:size )?{_SIDES}", CONVOLUTIONS, Quantity.KERNEL),
    _rule("a pooling window of", rf"{_SIDES} (?:max[- ]?|average[- ]?)?pool\w*\b", POOLS, Quantity.KERNEL),
    _rule("filters:", r"(?<![\d.,x×])(?P<a>\d{1,4}) (?:filters|kernels)\b", CONVOLUTIONS, Quantity.FILTERS),
    _rule("units:", r"(?<![\d.,])(?P<a>\d{1,5}) (?:hidden )?(?:units|neurons)\b", _DENSE, Quantity.UNITS),
    _rule("a dropout rate of", r"\bdropout (?:rate |probability |layers? )?(?:of |with (?:a )?(?:rate|probability) "
          r"(?:of )?|with p ?= ?)(?P<a>0?\.\d{1,3})(?!\d|\.\d)", _DROPOUT, Quantity.RATE),
)  # fmt: skip
_RATE = re.compile(r"\blearning rate (?:of|is|was|=) (?P<a>0?\.\d{1,6}|1e-\d)(?!\d|\.\d)", re.IGNORECASE)
_SAME = re.compile(r"\b(?:same|zero)[- ]padding\b|\bpadding (?:is |= ?)?['\"]?same\b", re.IGNORECASE)
_VALID = re.compile(r"\b(?:no|valid|without) padding\b", re.IGNORECASE)
_HAS_RATE = re.compile(r"\b(?:lr|learning_rate)\b", re.IGNORECASE)
_COMPUTES_RATE = re.compile(r"\*\*|logspace|linspace|Schedule|lr_scheduler|/ ?10")
_A_NUMBER = re.compile(r"(?<![\w.])\d*\.?\d+(?:e-?\d+)?(?![\w.])")
_PADS_ELSEWHERE = re.compile(r"Padding|F\.pad|np\.pad")


def find(material: Material) -> Iterator[Finding]:
    """Look for each number among those of all layers of its sort: one that any of them has may be meant."""
    if material.is_opaque or _HIDES_LAYERS.search(material.source):
        return
    known = {rule: _values(material, rule) for rule in _RULES}
    for sentence in material.sentences:
        if sentence.cell.is_given or sentence.is_near_somebody_else or _NOT_THIS_NETWORK.search(sentence.text):
            continue
        found = _number(material, sentence, known) or _rate(material, sentence) or _padding(material, sentence)
        if found:
            said, have = found
            yield material.finding(
                KIND,
                Severity.NOTE,
                sentence.cell,
                sentence.line,
                f"The text speaks of {said}. No layer in the code is so: {have}.",
                quote=sentence.text,
                settles="changing the text or the code, whichever is out of date",
            )


def _calls(material: Material, names: frozenset[str]) -> list[Call]:
    return [call for _, call in material.notebook.calls if call.name.rpartition(".")[2] in names]


def _values(material: Material, rule: _Rule) -> frozenset[tuple[Decimal, ...]]:
    """Return the values of a quantity in all layers of a sort, none if one of them is not written as a number."""
    values = [quantity(call, rule.quantity) for call in _calls(material, rule.calls)]
    return frozenset(value for value in values if value is not None) if None not in values else frozenset()


def _number(
    material: Material, sentence: Sentence, known: dict[_Rule, frozenset[tuple[Decimal, ...]]]
) -> tuple[str, str] | None:
    for rule, values in known.items():
        matches = list(rule.pattern.finditer(sentence.text)) if values else []
        for match in matches:
            numbers = [Decimal(match.groupdict()[name]) for name in ("a", "b") if match.groupdict().get(name)]
            stated = tuple(numbers[:1] if len(set(numbers)) == 1 else numbers)
            if stated not in values and not _occurs(material, rule, stated, values):
                return f"{rule.what} {_text(stated)}", f"they have {', '.join(sorted(map(_text, values)))}"
    return None


def _occurs(
    material: Material, rule: _Rule, stated: tuple[Decimal, ...], values: frozenset[tuple[Decimal, ...]]
) -> bool:
    """Whether a number may be meant otherwise: it is that of another axis, or a count that stands anywhere else, or
    that layers have together."""
    if any((number,) in values for number in stated):
        return True
    if rule.quantity in (Quantity.KERNEL, Quantity.RATE):
        return False
    known = {number for value in values for number in value}
    together = {one + other for one in known for other in known}
    if rule.quantity is Quantity.FILTERS:
        together |= {one * other for one in known for other in known}
    return stated[0] in together or stated[0] in material.printed or stated[0] in material.written


def _text(values: tuple[Decimal, ...]) -> str:
    return "×".join(f"{value:f}" for value in values)


def _rate(material: Material, sentence: Sentence) -> tuple[str, str] | None:
    match = _RATE.search(sentence.text)
    if match is None or not _HAS_RATE.search(material.source) or _COMPUTES_RATE.search(material.source):
        return None
    if Decimal(match["a"]) in map(Decimal, _A_NUMBER.findall(material.source)):
        return None
    return f"a learning rate of {match['a']}", "the number stands nowhere in it"


def _padding(material: Material, sentence: Sentence) -> tuple[str, str] | None:
    same, valid = _SAME.search(sentence.text), _VALID.search(sentence.text)
    layers = _calls(material, CONVOLUTIONS) if same or valid else []
    if not layers or not all(call.is_fully_seen for call in layers) or _PADS_ELSEWHERE.search(material.source):
        return None
    texts = {call.argument("padding", 3 if call.name.endswith("2D") else 4) for call in layers}
    if same and texts <= {None, "'valid'", "0"}:
        return same[0].lower(), "no convolution has any padding"
    if valid and texts == {"'same'"}:
        return valid[0].lower(), "every convolution has padding='same'"
    return None
