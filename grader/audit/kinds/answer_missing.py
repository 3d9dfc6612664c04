"""Questions, plots and headings of the assignment to which nothing in the notebook answers."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from grader.audit.facts import Cell
from grader.audit.kinds.placeholder_left import is_placeholder
from grader.audit.material import Material
from grader.results import Finding, Location, Severity

EMPTY = "answer-empty"
NO_PLOT = "plot-missing"
NO_HEADING = "heading-missing"

_ASKS = re.compile(
    r"^[\s>*_\d.()a-z-]{0,8}(?:explain|describe|discuss|comment on|justify|why|interpret|what|which|how)\b.*[?.:]?\s*$",
    re.IGNORECASE,
)
_ASKS_FOR_A_PLOT = re.compile(
    r"^[\s>*_\d.()-]{0,8}(?:(?:please|then|now) )?(?:plot|draw|visuali[sz]e)\b", re.IGNORECASE
)
_PLOTS = re.compile(
    r"plt\.|\bax(?:es|s)?\b|imshow|\.plot\(|matplotlib|seaborn|sns\.|plotly|altair|hist\(|figure|PIL|display\(|savefig|"
    r"matshow|pylab|bokeh|\.show\("
)
_HEADING = re.compile(r"^\s{0,3}(?:#{1,6}\s*(?P<title>.+?)\s*#*|\*\*(?P<bold>[^*]+)\*\*:?|__(?P<under>[^_]+)__:?)\s*$")

_UNDERLINE = re.compile(r"\s{0,3}(?:={2,}|-{2,})\s*$")


def find(material: Material) -> Iterator[Finding]:
    """Look below given cells that ask something, and for the headings that the rubric asks for."""
    cells = material.notebook.cells
    for number, cell in enumerate(cells):
        if cell.is_given and cell.kind == "markdown":
            yield from _unanswered(material, cells, number)
            yield from _not_plotted(material, cells, number)
    yield from _headings(material)


def _unanswered(material: Material, cells: Sequence[Cell], number: int) -> Iterator[Finding]:
    cell = cells[number]
    lines = cell.text.split("\n")
    asked = [line for line in range(1, len(lines) + 1) if _ASKS.match(lines[line - 1])]
    titles = [found for line in lines if (found := _title(line))]
    own = [one for one in cells if not one.is_given and one.text.strip()]
    below = next((one.number for one in cells[number + 1 :] if one.is_given and one.kind == "markdown"), None)
    is_answered = any(one.number > cell.number and (below is None or one.number < below) for one in own)
    # answers may stand together elsewhere, under the title of their question or a number
    elsewhere = any(one.kind == "markdown" and (_mentions(one, titles) or not titles) for one in own)
    if not asked or is_answered or elsewhere or any(map(is_placeholder, lines)):
        return
    yield material.finding(
        EMPTY,
        Severity.NOTE,
        cell,
        asked[-1],
        "This asks for an answer in words. Between it and the next given text stands nothing that was not given.",
        quote=lines[asked[-1] - 1].strip(),
        settles="the answer below the question",
    )


def _mentions(cell: Cell, titles: Sequence[str]) -> bool:
    numbers = {number for title in titles for number in re.findall(r"\d+(?:\.\d+)*", title)}
    return any(re.search(rf"\b{re.escape(part)}\b", cell.text, re.IGNORECASE) for part in (*titles, *numbers))


def _not_plotted(material: Material, cells: Sequence[Cell], number: int) -> Iterator[Finding]:
    cell = cells[number]
    lines = cell.text.split("\n")
    asked = [line for line in range(1, len(lines) + 1) if _ASKS_FOR_A_PLOT.match(lines[line - 1])]
    below = cells[number + 1 :]
    has_code = any(one.kind == "code" and not one.is_given and one.text.strip() for one in cells)
    plots = any(one.images or (one.kind == "code" and _PLOTS.search(one.text)) for one in below)
    drawn = any("![" in one.text or "<img" in one.text for one in below if one.kind == "markdown")
    if not asked or not has_code or plots or drawn or material.is_opaque:
        return
    yield material.finding(
        NO_PLOT,
        Severity.NOTE,
        cell,
        asked[0],
        "This asks for a plot. No cell below it has a picture, or code that draws one.",
        quote=lines[asked[0] - 1].strip(),
        settles="the plot below the question",
    )


def _headings(material: Material) -> Iterator[Finding]:
    markdown = [cell for cell in material.notebook.cells if cell.kind == "markdown"]
    found = [title for cell in markdown for title in _titles(cell)]
    missing = [wanted for wanted in material.headings if not any(_plain(wanted) in _plain(title) for title in found)]
    # a notebook with none of the headings may not be where the questions are answered
    for wanted in missing if len(missing) < len(material.headings) and not material.notebook.is_cut else ():
        text = f"The assignment asks for a section '{wanted}'. No heading of this notebook has these words."
        yield Finding(
            NO_HEADING,
            Severity.NOTE,
            text,
            where=Location(material.notebook.path),
            settles="a heading as it stands in the assignment, above the text that belongs to it",
        )


def _titles(cell: Cell) -> Iterator[str]:
    """Yield the headings of a cell, those that are underlined too."""
    for line, below in pairwise([*cell.text.split("\n"), ""]):
        if title := line.strip() if _UNDERLINE.match(below) else _title(line):
            yield title


def _title(line: str) -> str:
    found = _HEADING.match(line[:300])
    return next((title for title in found.groups() if title), "") if found else ""


def _plain(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())
