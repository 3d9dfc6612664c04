"""What students write in words: the texts under the headings of notebooks and of Markdown files."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from grader.sandbox.worker.notebook import read_texts
from grader.sandbox.worker.operations.workbench import Workbench
from grader.sandbox.worker.source import UnreadableSourceError, clip, decode

MAX_SECTIONS = 500
MAX_TITLE = 200
MAX_TEXT = 8_000
MAX_CHARACTERS = 2**20
"""Of all texts together."""

_HEADING = re.compile(r" {0,3}(?P<marks>#{1,6})\s+(?P<title>.*?)[\s#]*$")
_BOLD = re.compile(r"\s*(\*\*|__)(?P<title>[^*_]{1,120})\1:?\s*$")
_HTML = re.compile(r"\s*<h(?P<level>[1-6])[^>]*>(?P<title>.*?)</h[1-6]>\s*$", re.IGNORECASE)
_UNDERLINE = re.compile(r" {0,3}(=+|-{3,})\s*$")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_BOLD_LEVEL = 7


class _Line(NamedTuple):
    cell: int
    text: str


class _Heading(NamedTuple):
    level: int
    title: str
    cell: int


def read_sections(bench: Workbench, paths: tuple[str, ...], given: dict[str, np.ndarray]) -> tuple[dict[str, Any], ...]:
    """Return the texts in the delivered notebooks and Markdown files ``paths``, heading by heading.

    Args:
        bench: where the submission lies.
        paths: ``.ipynb`` and ``.md`` files.
        given: contents (uint8) by name of the handout and of what students start from; their lines are left out.

    Returns:
        A mapping for each heading, in order: ``path``; ``cell`` (0 without cells); ``level``, 1 to 7, 7 for a line in
        bold; ``title``; ``text``, what stands between it and the next heading of any level.
    """
    known = {_plain(line.text) for name, content in given.items() for line in _lines(name, content.tobytes())} - {""}
    found: list[dict[str, Any]] = []
    room = MAX_CHARACTERS
    for path in paths:
        for heading, lines in _parts(list(_lines(path, (bench.root / path).read_bytes()))):
            text = clip("\n".join(line for line in lines if _plain(line) not in known).strip(), MAX_TEXT)
            room -= len(text)
            if len(found) == MAX_SECTIONS or room < 0:
                return tuple(found)
            place = {"path": path, "cell": np.array(heading.cell), "level": np.array(heading.level)}
            found.append(place | {"title": clip(heading.title, MAX_TITLE), "text": text})
    return tuple(found)


def _lines(path: str, data: bytes) -> Iterator[_Line]:
    """Yield the lines of a file's Markdown; nothing of a file that cannot be read."""
    try:
        cells = read_texts(data) if path.endswith(".ipynb") else ((0, decode(data)),)
    except UnreadableSourceError:
        return
    for number, text in cells:
        for line in text.splitlines():
            yield _Line(number, line)


def _parts(lines: list[_Line]) -> Iterator[tuple[_Heading, list[str]]]:
    """Yield each heading with the lines under it. What stands above the first heading belongs to none."""
    heading: _Heading | None = None
    under: list[str] = []
    fence = ""
    for number, line in enumerate(lines):
        below = lines[number + 1].text if number + 1 < len(lines) and lines[number + 1].cell == line.cell else ""
        if marks := _FENCE.match(line.text):
            fence = "" if fence == marks[1] else fence or marks[1]
        found = None if fence else _heading(line, below)
        if found is not None:
            if heading is not None:
                yield heading, under
            heading, under = found, []
        elif not (_UNDERLINE.match(line.text) and not fence):
            under.append(line.text)
    if heading is not None:
        yield heading, under


def _heading(line: _Line, below: str) -> _Heading | None:
    if found := _HEADING.match(line.text):
        return _Heading(len(found["marks"]), found["title"], line.cell)
    if found := _HTML.match(line.text):
        return _Heading(int(found["level"]), re.sub(r"<[^>]*>", "", found["title"]), line.cell)
    if found := _BOLD.match(line.text):
        return _Heading(_BOLD_LEVEL, found["title"], line.cell)
    if line.text.strip() and not line.text.startswith(("-", "*", ">", "|")) and (under := _UNDERLINE.match(below)):
        return _Heading(1 if under[1][0] == "=" else 2, line.text.strip(), line.cell)
    return None


def _plain(line: str) -> str:
    return "".join(character for character in line.lower() if character.isalnum())
