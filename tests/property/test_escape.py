"""Whatever a student writes, a terminal shows it and does nothing else."""

import io
import unicodedata
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from grader.report import json, terminal
from grader.report.view import for_student
from grader.results import (
    SCHEMA_VERSION,
    CriterionResult,
    Diagnosis,
    Evidence,
    Feedback,
    FeedbackLevel,
    Finding,
    GradeReport,
    Location,
    PartInfo,
    Provenance,
    ReportFile,
    Score,
    Severity,
    SubmissionInfo,
    Table,
    Unreadable,
    Verdict,
    Visibility,
)
from grader.text import SMALLEST_LIMIT, encodable, safe

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ACTING = {"Cc", "Cf", "Cs", "Zl", "Zp"}
BLANK_LETTERS = "\u115f\u1160\u17b4\u17b5\u3164\uffa0"
HOSTILE = st.text(
    st.one_of(
        st.characters(exclude_categories=()),
        st.sampled_from("\x1b[]m\x9b\x07\x00\r\n\t\u202e\u2066\u200b\u2028\u2029\ufeff\\:/ "),
        st.sampled_from("Total: 100 of 100 points"),
    ),
    max_size=120,
)
READABLE = st.text(st.characters(categories=("L", "N", "P", "Sm", "Sc"), exclude_characters=BLANK_LETTERS))


def acting(text: str) -> set[str]:
    return {c for c in text if c != "\n" and unicodedata.category(c) in ACTING}


def report_with(text: str, verdict: Verdict, visibility: Visibility) -> GradeReport:
    """A report with ``text`` in every place but the titles of parts, which only rubrics write."""
    result = CriterionResult(
        criterion_id=text,
        part_id="part",
        title=text,
        verdict=verdict,
        awarded=0.5,
        possible=2.0,
        evidence=Evidence.OBSERVED,
        feedback=Feedback(
            summary=text,
            facts=(text, "seen"),
            table=Table((text, "n"), ((text, text), ("", "1")), ("n",)),
            diagnoses=(Diagnosis(text, text),),
            expected=(text,),
            seen_on=text,
            again=text,
        ),
        feedback_level=FeedbackLevel.EXPECTED,
        visibility=visibility,
        seed=1,
        rubric_line=text,
        private=text,
    )
    return GradeReport(
        schema_version=SCHEMA_VERSION,
        submission=SubmissionInfo(text, text, (text,) * 8),
        assignment=text,
        assignment_title=text,
        parts=(PartInfo("part", "A part"),),
        results=(result, result),
        score=Score(1.0, 4.0, pending=4.0 if verdict.is_pending else 0.0),
        findings=(Finding(text, Severity.WARNING, text, Location(text, 1), text, text, text),),
        provenance=Provenance(text, (text,), text, None, text, {text: text}, {text: text}, text, text),
        duration_s=1.0,
    )


@settings(deadline=None)
@given(HOSTILE, st.integers(SMALLEST_LIMIT, 200), st.integers(1, 5))
def test_safe_text_holds_nothing_that_acts(text: str, limit: int, lines: int) -> None:
    shown = safe(text, limit=limit, lines=lines)
    assert not acting(shown)
    assert len(shown) <= limit
    assert shown.count("\n") <= lines - 1
    assert safe(shown, limit=limit, lines=lines) == shown


@settings(deadline=None)
@given(READABLE)
def test_letters_numbers_and_signs_of_every_script_stay_as_they_are(text: str) -> None:
    assert safe(text, limit=10_000) == text


@settings(deadline=None)
@given(HOSTILE, st.sampled_from(["ascii", "latin-1", "cp1252", "cp437", "shift_jis", "utf-8"]))
def test_what_a_console_cannot_express_is_written_out(text: str, encoding: str) -> None:
    shown = encodable(safe(text), encoding)
    shown.encode(encoding)
    assert not acting(shown)


@settings(deadline=None)
@given(HOSTILE, st.sampled_from(Verdict), st.sampled_from(Visibility), st.sampled_from([40, 60, 120]))
def test_a_report_full_of_hostile_text_acts_on_no_terminal(
    text: str, verdict: Verdict, visibility: Visibility, width: int
) -> None:
    file = io.StringIO()
    console = Console(
        width=width, file=file, force_terminal=False, color_system=None, legacy_windows=False, _environ={}
    )
    report = report_with(text, verdict, visibility)
    terminal.render(report, console)
    # below the header line, where a student's name begins
    totals = [line for line in file.getvalue().split("\n")[1:] if line.startswith("Total")]
    assert totals == ["Total: 1 of 4 points" + (", 4 pending" if verdict.is_pending else "")]
    assert file.getvalue().endswith(f"\n{totals[0]}\n")
    terminal.render_for_student(report, console, NOW, None)
    terminal.render_summary([report, for_student(report, NOW, NOW)], [Unreadable(text, text)], console)
    assert not acting(file.getvalue())


@settings(deadline=None)
@given(HOSTILE, st.sampled_from(Verdict))
def test_the_json_of_hostile_text_acts_on_no_terminal_and_comes_back(text: str, verdict: Verdict) -> None:
    data = json.to_json(ReportFile(SCHEMA_VERSION, (report_with(text, verdict, Visibility.VISIBLE),)))
    assert not {c for c in data.decode() if c != "\n" and unicodedata.category(c) in {"Cc", "Zl", "Zp"}}
    expected = text.encode("utf-8", "backslashreplace").decode()
    assert json.from_json(data).reports[0].results[0].title == expected
