"""Whether what was written about hostile submissions can be read, and does nothing to whoever reads it."""

import csv
import io
import json
import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from markdown_it import MarkdownIt

from grader.results import GradeReport

OF_ONE = {"report.json", "report.html", "report.md", "criteria.csv", "junit.xml", "gradescope.json"}
"""What is written about one submission."""
OF_ALL = {
    *("reports.json", "index.html", "index.md", "class.csv", "criteria.csv", "junit.xml"),
    *("annotations.txt", "code-quality.json"),
}
"""What is written about all submissions together."""

# characters that act on a terminal or on the order of a line, and bytes that are no text
_ACTING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_FORBIDDEN_TAGS = {"script", "iframe", "object", "embed", "form", "base", "link"}
_XML_TAGS = {"testsuites", "testsuite", "testcase", "failure", "error", "skipped", "properties", "property"}
_XML_TAGS |= {"system-out", "system-err"}
_LEADS_ELSEWHERE = re.compile(r"(?i)\s*(javascript|vbscript|data:text|file:|//|https?://(?!github\.com/))")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_COMMAND = re.compile(r"::(error|warning|notice) [^:]*::")


def complaints_of_one(folder: Path, report: GradeReport) -> Iterator[str]:
    """Say what is wrong with the files about one submission that lie in ``folder``."""
    if {file.name for file in folder.iterdir()} != OF_ONE:
        yield f"{folder.name} holds {sorted(file.name for file in folder.iterdir())}"
    for file in sorted(folder.iterdir()):
        for complaint in complaints_of_file(file, len(report.results)):
            yield f"{folder.name}/{file.name}: {complaint}"
        text = file.read_text("utf-8")
        verdicts = {str(result.verdict) for result in report.results}
        if file.name != "junit.xml" and (unsaid := [verdict for verdict in verdicts if verdict not in text]):
            yield f"{folder.name}/{file.name}: it does not say {unsaid}"


def complaints_of_all(folder: Path, reports: int, unreadable: int, criteria: int) -> Iterator[str]:
    """Say what is wrong with the files about all submissions: ``reports`` of them, with ``criteria`` results in all,
    and those that are ``unreadable``."""
    files = {file.name for file in folder.iterdir() if file.is_file()}
    if files != OF_ALL:
        yield f"the folder of all holds {sorted(files)}"
    for name in sorted(files):
        entries = criteria if name == "criteria.csv" else reports + unreadable
        cases = criteria + unreadable if name == "junit.xml" else entries
        for complaint in complaints_of_file(folder / name, cases):
            yield f"{name}: {complaint}"


def complaints_of_text(text: str) -> Iterator[str]:
    """Say what acts in a text instead of being seen, and what should not be told to anybody."""
    if (found := _ACTING.search(text)) is not None:
        yield f"it holds {found[0]!a} after {text[max(found.start() - 60, 0) : found.start()]!a}"
    if "Traceback (most recent call last)" in text:
        yield "it holds a traceback"


def complaints_of_file(file: Path, entries: int) -> Iterator[str]:
    """Say what is wrong with one file about ``entries`` criteria or submissions.

    Raises:
        ValueError: it is not JSON where its name says so.
        ParseError: it is not XML where its name says so.
    """
    text = file.read_bytes().decode("utf-8")
    yield from complaints_of_text(text.replace("\r\n", "\n"))
    match file.suffix:
        case ".json":
            json.loads(text, parse_constant=_refuse)
        case ".xml":
            yield from _of_xml(text, entries)
        case ".csv":
            yield from _of_csv(text, entries)
        case ".txt":
            for line in text.splitlines():
                if _COMMAND.match(line) is None:
                    yield f"a line is no command of ours: {line[:80]!a}"
        case ".md":
            yield from _of_html(MarkdownIt("commonmark", {"linkify": False}).enable("table").render(text))
        case ".html":
            yield from _of_html(text)


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


def _of_xml(text: str, cases: int) -> Iterator[str]:
    elements = list(ElementTree.fromstring(text).iter())
    found = sum(element.tag == "testcase" for element in elements)
    if found != cases:
        yield f"it has {found} test cases, not {cases}"
    if others := {element.tag for element in elements} - _XML_TAGS:
        yield f"it has the elements {others}"


def _of_csv(text: str, entries: int) -> Iterator[str]:
    rows = list(csv.reader(io.StringIO(text)))
    if len(rows) != entries + 1:
        yield f"it has {len(rows)} rows for {entries} entries"
    if len({len(row) for row in rows}) != 1:
        yield "its rows have different lengths"
    for cell in (cell for row in rows for cell in row):
        if cell.startswith(_FORMULA) and not _is_number(cell):
            yield f"a spreadsheet would compute the cell {cell[:60]!a}"


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False


def _of_html(text: str) -> Iterator[str]:
    page = _Page()
    page.feed(text)
    page.close()
    yield from page.complaints


class _Page(HTMLParser):
    """Looks for what would run, load or lead elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.complaints: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _FORBIDDEN_TAGS:
            self.complaints.append(f"it has a <{tag}>")
        for name, value in attrs:
            if name.startswith("on"):
                self.complaints.append(f"a <{tag}> does something {name}")
            if name in {"href", "src", "action", "srcdoc"} and _LEADS_ELSEWHERE.match(value or ""):
                self.complaints.append(f"a <{tag}> leads to {value!a}")
