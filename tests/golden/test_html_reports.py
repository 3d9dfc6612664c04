"""Report pages, compared with files that were read by a person: what lies in ``<body>``, without the style sheet.

As for the terminal reports: a changed page leaves its new text beside the expected one, and a missing file is written
and fails once.
"""

from pathlib import Path

import pytest
from msgspec.structs import replace

from grader.report.html import to_html
from grader.report.html_index import to_html_index
from grader.results import CellPictures, Location, StoredPicture
from tests.golden.reports import FORBIDDEN, REPORTS, UNREADABLE

EXPECTED = Path(__file__).with_name("expected")


def compare(name: str, page: str) -> None:
    obtained = page[page.index("<body>") :] + "\n"
    expected = EXPECTED / f"{name}.html"
    if not expected.exists():
        expected.write_text(obtained, encoding="utf-8")
        pytest.fail(f"{expected} did not exist and was written: read it, then run again")
    beside = EXPECTED / f"{name}.obtained"
    if expected.read_text(encoding="utf-8") != obtained:
        beside.write_text(obtained, encoding="utf-8")
        pytest.fail(f"the page differs from {expected}: compare it with {beside}")
    beside.unlink(missing_ok=True)


@pytest.mark.parametrize("name", ["partial", "findings", "hostile", "late", "needs_review", "by_hand"])
def test_page(name: str) -> None:
    compare(name, to_html(REPORTS[name]))


def test_page_with_pictures_of_a_notebook() -> None:
    """One beside its finding, one text that refers to it, and one cell whose picture is missing."""
    # how well a real one is compressed depends on the library
    content = b"\x89PNG"
    above, below, other = (replace(FORBIDDEN, where=Location("hw4.ipynb", 2, cell)) for cell in (12, 13, 15))
    pictures = (
        CellPictures(Location("hw4.ipynb", cell=12), (12, 13), (StoredPicture(1, 640, 480, content),)),
        CellPictures(
            Location("hw4.ipynb", cell=15),
            (15,),
            (),
            "Not shown of the pictures stored in cell 15: 1 neither PNG nor JPEG.",
        ),
    )
    shown = replace(REPORTS["findings"], findings=(above, below, other), pictures=pictures)
    compare("pictures", to_html(shown))


def test_page_of_a_class() -> None:
    reports = [REPORTS[name] for name in ("full_marks", "partial", "needs_review", "arabic")]
    compare("class", to_html_index(reports, UNREADABLE, {0: "alice/report.html"}))
