"""Comments that give another number than the code in their own line, or right below."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from grader.audit.facts import Call, Cell, Code, Comment
from grader.audit.material import Material
from grader.audit.readers.architecture import CONVOLUTIONS, POOLS, Quantity, quantity
from grader.results import Finding, Severity

KIND = "comment-against-code"
MAX_COMMENTS = 100
"""Of one cell that are looked at."""

_HEDGED = re.compile(
    r"\b(was|were|instead|before|previous\w*|originally|tried|try|not|or|vs|default\w*|paper|used|old|from|reduc\w*|"
    r"outputs?|shape|todo|chang\w*|increas\w*|decreas\w*|could|should|would|e\.g|too|than|handout|task|assignment|"
    r"maps? of|"
    r"image|images|px|pixels?|after|until|per|total|each|more|less|about|later|first|then|if|when|every|max|at most|"
    r"input|inputs|receptive|times|experiment\w*|alternativ\w*|also|only|original\w*|lenet|best)\b|->|→|=>|~|<|>|\?|n't",
    re.IGNORECASE,
)
_IS_CODE = re.compile(r"\w\(|[=;]|[A-Za-z_]\w*\.\w+|^\s*(?:import|from|def|for|if|return|print)\b")
_SIDES = r"(?<![\dx×*])(?P<a>\d{1,2})\s?[x×]\s?(?P<b>\d{1,2})(?!\s?[x×]\s?\d)(?!\d)"


class _Rule(NamedTuple):
    """How a comment states a quantity, of which calls, and what it is called."""

    what: str
    pattern: re.Pattern[str]
    calls: frozenset[str]
    quantity: Quantity


def _rule(what: str, pattern: str, calls: frozenset[str], of: Quantity) -> _Rule:
    return _Rule(what, re.compile(pattern, re.IGNORECASE), calls, of)


_DENSE = frozenset({"Dense", "Linear"})
_DROPOUT = frozenset({"Dropout", "Dropout2d"})
_RULES = (
    _rule("a kernel of", rf"{_SIDES} (?:kernel|filter|conv)", CONVOLUTIONS, Quantity.KERNEL),
    _rule(
        "a kernel of",
        rf"\b(?:kernels?|kernel size|filters)(?: of| is|:) (?:size )?{_SIDES}",
        CONVOLUTIONS,
        Quantity.KERNEL,
    ),
    _rule("a window of", rf"{_SIDES} (?:\w+ )?(?:pool|window)", POOLS, Quantity.KERNEL),
    _rule("filters:", r"\b(?P<a>\d{1,4}) (?:filters|kernels|feature maps)\b", CONVOLUTIONS, Quantity.FILTERS),
    _rule("units:", r"\b(?P<a>\d{1,5}) (?:hidden )?(?:units|neurons|nodes)\b", _DENSE, Quantity.UNITS),
    _rule("a stride of", r"\bstrides?(?: of| is|:)? (?P<a>\d)\b", CONVOLUTIONS, Quantity.STRIDE),
    _rule(
        "a dropout of",
        r"(?<![\d.])(?:(?P<a>\d{1,2}) ?(?P<percent>%)|(?P<b>0?\.\d{1,3})\b(?! ?%))",
        _DROPOUT,
        Quantity.RATE,
    ),
)  # fmt: skip
_SETTINGS = (
    ("a learning rate of", re.compile(r"\b(?:learning[ -]rate|lr)(?: of| is|:)? (?P<a>\d*\.?\d+(?:e-?\d+)?)\b", re.I),
     re.compile(r"\b(?:lr|learning_rate)\s*=\s*(\d*\.?\d+(?:e-?\d+)?)\s*(?:[,)#]|$)", re.I)),
    ("epochs:", re.compile(r"\b(?P<a>\d{1,4}) epochs\b", re.I),
     re.compile(r"\b(?:n_|num_|nb_)?epochs?\s*=\s*(\d{1,5})\s*(?:[,)#]|$)", re.I)),
    ("a batch size of", re.compile(r"\bbatch(?:es)?(?:[ -]size)?(?: of| is|:)? (?P<a>\d{1,5})\b", re.I),
     re.compile(r"\b(?:batch_size|batch|bs)\s*=\s*(\d{1,5})\s*(?:[,)#]|$)", re.I)),
)  # fmt: skip


def find(material: Material) -> Iterator[Finding]:
    """Compare each plain comment with the line that it stands in, or stands right above."""
    for cell, code in material.notebook.code_cells:
        for comment in code.comments[:MAX_COMMENTS]:
            if _HEDGED.search(comment.text) or _IS_CODE.search(comment.text):
                continue
            if found := _contradiction(cell, code, comment):
                yield _finding(material, cell, comment, *found)


def _contradiction(cell: Cell, code: Code, comment: Comment) -> tuple[str, str, int] | None:
    """Return what the comment says, what the code says, and the line of the code."""
    line = comment.line + 1 if comment.is_alone else comment.line
    written = cell.line(line) if comment.is_alone else cell.line(line).rpartition("#")[0]
    following = [cell.line(number) for number in range(line + 1, line + 4)] if comment.is_alone else []
    for rule in _RULES:
        stated = _stated(rule.pattern, comment.text)
        if stated is None:
            continue
        calls = [call for call in code.calls if call.line == line and call.name.rpartition(".")[2] in rule.calls]
        actual = quantity(calls[0], rule.quantity) if len(calls) == 1 else None
        near = {quantity(call, rule.quantity) for call in code.calls if line < call.line <= line + 3 * comment.is_alone}
        if actual is not None and stated not in (actual, *near) and not _has(written, stated):
            return f"{rule.what} {_text(stated)}", _text(actual), line
    return _padding(code, comment, line) or _setting(comment, written, following, line)


def _setting(comment: Comment, written: str, following: list[str], line: int) -> tuple[str, str, int] | None:
    for what, in_comment, in_code in _SETTINGS:
        said, values = in_comment.search(comment.text), in_code.findall(written)
        if said is None or len(values) != 1:
            continue
        stated, actual = (_decimal(said["a"]),), (_decimal(values[0]),)
        if None in stated + actual or stated == actual or any(_has(text, stated) for text in (written, *following)):
            continue
        return f"{what} {said['a']}", values[0], line
    return None


def _padding(code: Code, comment: Comment, line: int) -> tuple[str, str, int] | None:
    found = re.search(r"\b(same|valid|no)[ -]padding\b|\bpadding[: ]+(same|valid)\b", comment.text, re.IGNORECASE)
    calls = [call for call in code.calls if call.line == line and call.name.rpartition(".")[2] in CONVOLUTIONS]
    if found is None or len(calls) != 1 or not calls[0].is_fully_seen:
        return None
    said = (found[1] or found[2]).lower()
    actual = _padding_of(calls[0])
    if not actual or (said == "same") == (actual == "same"):
        return None
    return f"{said} padding", f"padding is '{actual}'", line


def _padding_of(call: Call) -> str:
    text = call.argument("padding", 3 if call.name.endswith("2D") else 4)
    if text is None or text in ("'valid'", "0"):
        return "valid"
    return "same" if text == "'same'" else ""


def _stated(pattern: re.Pattern[str], text: str) -> tuple[Decimal | None, ...] | None:
    matches = list(pattern.finditer(text))
    if len(matches) != 1:
        return None
    groups = matches[0].groupdict()
    values = [_decimal(groups[name]) for name in ("a", "b") if groups.get(name)]
    if groups.get("percent"):
        values = [value / 100 for value in values if value is not None]
    return (values[0],) if len(values) == 2 and values[0] == values[1] else tuple(values)


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _has(text: str, stated: tuple[Decimal | None, ...]) -> bool:
    return any(_decimal(number) in stated for number in re.findall(r"(?<![\w.])\d*\.?\d+(?:e-?\d+)?", text))


def _text(values: tuple[Decimal | None, ...]) -> str:
    return " × ".join(f"{value:f}" for value in values if value is not None)


def _finding(material: Material, cell: Cell, comment: Comment, said: str, actual: str, line: int) -> Finding:
    where = "in its line" if line == comment.line else "in the line below it"
    return material.finding(
        KIND,
        Severity.NOTE,
        cell,
        comment.line,
        f"The comment gives {said}; the code {where} has {actual}.",
        quote=cell.line(comment.line) if line == comment.line else f"{cell.line(comment.line)}\n{cell.line(line)}",
        settles="changing the comment or the code, whichever is out of date",
    )
