"""The page of a class."""

import pytest
from msgspec.structs import replace

from grader.report.html_index import to_html_index
from tests.golden.reports import REPORTS, UNREADABLE
from tests.pages.outline import Outline, assert_sound


def test_every_submission_has_a_line_and_a_link() -> None:
    reports = list(REPORTS.values())
    page = to_html_index(reports, UNREADABLE, {0: "alice/report.html"})
    outline = assert_sound(page)
    assert f"{len(reports)} submissions graded, 2 could not be read" in outline.text
    assert "alice 8 – 5.8 of 11 – 1 of 4 –" in outline.text
    assert outline.attributes("href") == ["./alice/report.html"]
    assert "hw4.ipynb is not JSON" in outline.text


def test_criteria_are_counted_over_the_class() -> None:
    reports = [REPORTS["full_marks"], REPORTS["partial"], REPORTS["missing_function"], REPORTS["pending"]]
    text = Outline(to_html_index(reports)).text
    assert "The forward pass is right 3 of 4 –" in text
    assert "The loss is right 2 of 4 1" in text
    assert "Every gradient is right 1 of 3 –" in text


def test_assignments_lie_apart() -> None:
    other = replace(REPORTS["partial"], assignment="weight_decay", assignment_title="Weight decay")
    text = assert_sound(to_html_index([REPORTS["partial"], other])).text
    assert text.index("Submissions 2 submissions graded") < text.index("Backpropagation") < text.rindex("Weight decay")


def test_nobody_at_all() -> None:
    assert "0 submissions graded" in assert_sound(to_html_index([])).text


@pytest.mark.parametrize(
    ("page", "link"),
    [
        ("javascript:alert(1)", "./javascript%3Aalert%281%29"),
        ("//elsewhere.example/x", ".///elsewhere.example/x"),
        ('a"b<c>/#d?e', "./a%22b%3Cc%3E/%23d%3Fe"),
        ("\udcff.html", "./%FF.html"),
    ],
)
def test_a_link_leads_to_a_file_whatever_its_name(page: str, link: str) -> None:
    assert Outline(to_html_index([REPORTS["partial"]], pages={0: page})).attributes("href") == [link]


def test_a_name_is_only_text() -> None:
    nasty = replace(REPORTS["partial"], assignment_title="<script>", submission=REPORTS["hostile"].submission)
    assert_sound(to_html_index([nasty]))
