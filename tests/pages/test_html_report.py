"""The page of one report: it says what the report says, and nothing in a report can act on it."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from grader.report import view
from grader.report.html import TONES, to_html
from grader.report.terminal import MARKS
from grader.results import Diagnosis, Feedback, Finding, Location, Severity, Table, Verdict
from tests.golden.reports import FORBIDDEN, KEEPDIMS, OUTPUT, REPORTS, report, result
from tests.pages.material import full_report
from tests.pages.outline import Outline, assert_sound

MARKUP = "<img src=x onerror=alert(1)></td></table></style><script>alert(2)</script>{{ 7*7 }}&amp;"
ACTING = "\x00\x1b[2J\u202e\u2028\ud800"


def criteria(page: str) -> list[dict[str, str | None]]:
    return [found for found in Outline(page).named("details") if found.get("class") == "criterion"]


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_becomes_a_sound_page(name: str) -> None:
    page = to_html(REPORTS[name])
    outline = assert_sound(page)
    page.encode("utf-8")
    score = REPORTS[name].score
    assert f"{view.shown_points(score.total)} of {view.counted_points(score.possible)}" in outline.text
    for each in REPORTS[name].results:
        assert each.verdict in outline.text
    assert len(criteria(page)) == len(REPORTS[name].results)


def test_the_same_report_gives_the_same_page() -> None:
    assert to_html(full_report()) == to_html(full_report())


def test_criteria_without_full_marks_are_open_unless_they_repeat_another() -> None:
    is_open = ["open" in found for found in criteria(to_html(REPORTS["partial"]))]
    assert is_open == [False, False, True, False]
    page = to_html(REPORTS["does_not_load"])
    assert ["open" in found for found in criteria(page)] == [True, False, False]
    assert Outline(page).text.count("As for “The forward pass is right”.") == 2


def test_feedback_stands_with_its_criterion() -> None:
    text = Outline(to_html(REPORTS["partial"])).text
    for words in (
        "Two of your four gradients disagree",
        "W1 (20, 16) 0.97 1e-06 0 of 2 differs",
        "your own loss changes at the rate -0.189395",
        "What the numbers say gradient-scaled W1 and b1 point the right way",
        "What was expected The gradient of W1[15, 3] is -0.189394557.",
        "Again grader run submissions/alice --only backprop.gradients --seed 7",
        "Read docs/diagnoses/gradient-scaled.md",
        "W1 worst relative error 0.97 1e-06",
    ):
        assert words in text


def test_lines_that_are_aligned_stay_aligned() -> None:
    page = to_html(REPORTS["partial"])
    assert '<p class="lines">  your gradient says                 -6.060630\n' in page


def test_the_first_difference_of_a_table_is_marked() -> None:
    rows = [found for found in Outline(to_html(full_report())).named("tr") if found.get("class") == "marked"]
    assert len(rows) == 1


def test_a_long_table_says_how_much_is_missing() -> None:
    table = Table(("n",), tuple((str(n),) for n in range(1000)))
    text = Outline(to_html(report(result("backprop.x", "x", Verdict.FAIL, feedback=Feedback("No.", table=table))))).text
    assert "59 … and 940 more rows" in text


def test_findings_lie_by_place_and_are_linked_both_ways() -> None:
    whole = Finding("style", Severity.NOTE, "Everything is in one cell.")
    later = replace(FORBIDDEN, where=Location("hw4.ipynb", cell=12, line=1))
    page = to_html(report(*REPORTS["findings"].results, findings=(whole, later, FORBIDDEN, KEEPDIMS)))
    text = assert_sound(page).text
    order = ["backprop.py note:", "hw4.ipynb, cell 3 warning:", "hw4.ipynb, cell 12 warning:", "as a whole note:"]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert '<a href="#finding-2">warning: forbidden-import</a>' in page
    assert 'for <a href="#criterion-2">NumPy is the only library</a>' in page
    assert text.count("costs points") == 2


def test_a_late_report_explains_its_total() -> None:
    text = Outline(to_html(REPORTS["late"])).text
    assert "5.8 of 11 points 8 points for the criteria, 2.2 less because it was late." in text


def test_pending_points_are_neither_awarded_nor_lost() -> None:
    text = Outline(to_html(REPORTS["needs_review"])).text
    assert "3 pending" in text
    assert "nothing is lost until then" in text
    assert "? of 2 NEEDS_REVIEW" in text


def test_a_students_page_holds_nothing_of_what_is_hidden() -> None:
    shown = view.for_student(REPORTS["hidden"], datetime(2026, 3, 1, tzinfo=UTC), None)
    page = to_html(shown)
    for secret in ("Holds for random biases", "backprop.secret", "seed 99", "fails for b2 only", "Comes to light"):
        assert secret not in page
        assert secret in to_html(REPORTS["hidden"]) or secret == "backprop.secret"
    assert "5 points belong to criteria that are not shown here." in Outline(page).text


@pytest.mark.parametrize("nasty", [MARKUP, ACTING, MARKUP + ACTING], ids=["markup", "acting", "both"])
def test_nothing_in_a_report_acts_on_the_page(nasty: str) -> None:
    feedback = Feedback(
        summary=nasty,
        facts=(nasty, f"  {nasty}\n{nasty}"),
        table=Table((nasty, "b"), ((nasty, nasty),), (nasty,)),
        diagnoses=(Diagnosis(nasty, nasty),),
        expected=(nasty,),
        seen_on=nasty,
        again=nasty,
    )
    finding = Finding(nasty, Severity.WARNING, nasty, Location(nasty, 1, 2), nasty, nasty, OUTPUT.criterion_id)
    made = report(
        replace(OUTPUT, title=nasty, verdict=Verdict.FAIL, awarded=0.0, feedback=feedback, private=nasty),
        student=nasty,
        title=nasty,
        files=(nasty,),
        findings=(finding,),
    )
    provenance = replace(
        made.provenance,
        isolation=nasty,
        walls=(nasty,),
        isolation_note=nasty,
        seed_source=nasty,
        versions={nasty: nasty},
    )
    page = to_html(replace(made, provenance=provenance))
    outline = assert_sound(page)
    page.encode("utf-8")
    for character in "\x00\x1b\u202e\u2028":
        assert character not in page
    if "<" in nasty:
        assert "{{ 7*7 }}&amp;" in outline.text, "shown as it was written"


def test_long_words_and_texts_are_cut() -> None:
    feedback = Feedback("s" * 50_000, facts=tuple("f" * 50_000 for _ in range(10)))
    page = to_html(report(result("backprop.x", "x" * 50_000, Verdict.FAIL, feedback=feedback), student="n" * 50_000))
    assert len(page) < 80_000
    assert "(cut: 50,000 characters in all)" in page


def test_every_mark_has_a_tone() -> None:
    assert set(TONES) == set(MARKS.values())


def test_a_whole_assignment_stays_below_a_megabyte() -> None:
    assert len(to_html(full_report(parts=6)).encode()) < 1_000_000
