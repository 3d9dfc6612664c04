"""Places for an answer that still hold what the handout put there."""

import re
from collections.abc import Iterator

from grader.audit.facts import Cell
from grader.audit.material import Material
from grader.results import Finding, Severity

KIND = "placeholder-left"

_PLACEHOLDER = re.compile(
    r"[\s>*_\[(<#-]*(?:your (?:answer|text|observations?|explanation|comments?|discussion|interpretation|response)s?"
    r"(?: goes)? here|(?:write|type|put|enter|insert|add) your [\w ]{3,40} here|double.?click to (?:edit|write)[\w ]*|"
    r"todo(?:: ?[\w ,'-]{0,60})?|tbd|xxx+|lorem ipsum.*)[\s.…:!*_\])>-]*",
    re.IGNORECASE,
)
_NUMBER_LEFT_BLANK = re.compile(
    r"[\s>*_-]*[A-Za-z][\w ()/-]{1,60}[*_ ]*[:=]\s*[*_ ]*"
    r"(?:_{3,}|\?{2,}|xx(?:[.,]xx?)?|(?i:todo|tbd)|\.{3}|…)\s*%?[\s*_.]*"
    r"|.{0,200}\b(?:accuracy|loss)\b[^.\n]{0,30}\b(?:XX|xx)(?:[.,][Xx]{1,4})?\s?%?(?![\w]).{0,200}"
)
_LABEL = re.compile(r"\s*(?:#.*|[*_]{1,3}[^*_]{1,80}[*_]{1,3}:?|[-=*_]{3,})\s*")


def find(material: Material) -> Iterator[Finding]:
    """Look for placeholder lines with no answer below them, in cells that stand as they were given, or that hold
    nothing but headings and the placeholder: elsewhere the answer may stand above."""
    cells = material.notebook.cells
    for number, cell in enumerate(cells):
        if cell.kind != "markdown":
            continue
        below = cells[number + 1] if number + 1 < len(cells) else None
        lines = cell.text.split("\n")
        for line, text in enumerate(lines, start=1):
            if _NUMBER_LEFT_BLANK.fullmatch(text):
                yield _finding(material, cell, line, text, "A number is left blank here.")
                continue
            if not _PLACEHOLDER.fullmatch(text) or _answered(lines[line:]) or _answered_in(below):
                continue
            if not cell.is_given and any(map(_is_text, lines[: line - 1])):
                continue
            yield _finding(material, cell, line, text, "There is a placeholder here, and no answer below it.")


def is_placeholder(line: str) -> bool:
    """Whether a line holds nothing but a place for an answer."""
    return _PLACEHOLDER.fullmatch(line) is not None or _NUMBER_LEFT_BLANK.fullmatch(line) is not None


def _finding(material: Material, cell: Cell, line: int, quote: str, text: str) -> Finding:
    return material.finding(
        KIND, Severity.NOTE, cell, line, text, quote=quote.strip(), settles="the answer in its place"
    )


def _answered(lines: list[str]) -> bool:
    """Whether text follows before the next heading."""
    for line in lines:
        if line.lstrip().startswith("#"):
            return False
        if _is_text(line):
            return True
    return False


def _is_text(line: str) -> bool:
    return bool(line.strip()) and not _LABEL.fullmatch(line) and not _PLACEHOLDER.fullmatch(line)


def _answered_in(cell: Cell | None) -> bool:
    return (
        cell is not None and cell.kind == "markdown" and not cell.is_given and any(map(_is_text, cell.text.split("\n")))
    )
