"""Terminal reports, compared with files that were read by a person.

On a mismatch the new text is written beside the expected one as ``.obtained``; read both, and replace the expected
file if the new text is better. A missing file is created, and the test fails once, so that somebody reads it.
"""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import msgspec
import pytest
from rich.console import Console
from rich.text import Text

from grader.report import json, schema, terminal
from grader.results import SCHEMA_VERSION, GradeReport, ReportFile, Verdict
from grader.text import safe
from tests.golden.reports import REPORTS, UNREADABLE

EXPECTED = Path(__file__).with_name("expected")
WIDTHS = (60, 80, 120)
DUE = datetime(2026, 3, 1, tzinfo=UTC)


def printed(width: int, print_to: Callable[[Console], None]) -> str:
    file = io.StringIO()
    console = Console(
        width=width, file=file, force_terminal=False, color_system=None, legacy_windows=False, _environ={}
    )
    print_to(console)
    return file.getvalue()


def compare(name: str, obtained: str) -> None:
    expected = EXPECTED / f"{name}.txt"
    if not expected.exists():
        expected.write_text(obtained, encoding="utf-8")
        pytest.fail(f"{expected} did not exist and was written: read it, then run again")
    beside = EXPECTED / f"{name}.obtained"
    if expected.read_text(encoding="utf-8") != obtained:
        beside.write_text(obtained, encoding="utf-8")
        pytest.fail(f"the report differs from {expected}: compare it with {beside}")
    beside.unlink(missing_ok=True)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", REPORTS)
def test_report(name: str, width: int) -> None:
    compare(f"{name}-{width}", printed(width, lambda console: terminal.render(REPORTS[name], console)))


@pytest.mark.parametrize(("when", "now"), [("before", DUE - timedelta(days=1)), ("after", DUE + timedelta(days=1))])
def test_report_for_student(when: str, now: datetime) -> None:
    obtained = printed(80, lambda console: terminal.render_for_student(REPORTS["hidden"], console, now, DUE))
    compare(f"for_student_{when}-80", obtained)


def test_what_a_student_reads_of_a_decision() -> None:
    obtained = printed(80, lambda console: terminal.render_for_student(REPORTS["by_hand"], console, DUE, DUE))
    compare("for_student_by_hand-80", obtained)


@pytest.mark.parametrize("width", WIDTHS)
def test_summary(width: int) -> None:
    reports = tuple(REPORTS.values())
    compare(f"summary-{width}", printed(width, lambda console: terminal.render_summary(reports, UNREADABLE, console)))


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
@pytest.mark.parametrize("name", ["partial", "japanese", "hostile"])
def test_console_that_is_not_utf8(name: str, encoding: str) -> None:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    console = Console(width=80, file=file, force_terminal=False, color_system=None, legacy_windows=False, _environ={})
    terminal.render(REPORTS[name], console)
    file.flush()
    compare(f"{name}-80-{encoding}", raw.getvalue().decode(encoding))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", REPORTS)
def test_no_line_is_wider_than_the_console_or_ends_in_spaces(name: str, width: int) -> None:
    for line in printed(width, lambda console: terminal.render(REPORTS[name], console)).split("\n"):
        assert Text(line).cell_len <= width, line
        assert line == line.rstrip(" "), line


@pytest.mark.parametrize("width", [1, 10, 24])
@pytest.mark.parametrize("name", REPORTS)
def test_a_very_narrow_console_still_gets_every_word(name: str, width: int) -> None:
    def letters(text: str) -> str:
        return "".join(c for c in text if c.isalnum())

    text = letters(printed(width, lambda console: terminal.render(REPORTS[name], console)))
    for result in REPORTS[name].results:
        assert letters(safe(result.title)) in text


@pytest.mark.parametrize("name", REPORTS)
def test_colours_add_nothing_to_the_words(name: str) -> None:
    file = io.StringIO()
    console = Console(width=80, file=file, force_terminal=True, color_system="truecolor", _environ={})
    terminal.render(REPORTS[name], console)
    coloured = file.getvalue()
    assert "\x1b[" in coloured
    assert Text.from_ansi(coloured).plain.rstrip("\n") == printed(
        80, lambda console: terminal.render(REPORTS[name], console)
    ).rstrip("\n")


def test_no_color_is_honoured() -> None:
    file = io.StringIO()
    terminal.render(REPORTS["partial"], Console(width=80, file=file, force_terminal=True, _environ={"NO_COLOR": "1"}))
    codes = {code for part in file.getvalue().split("\x1b[")[1:] for code in part.split("m")[0].split(";")}
    assert codes <= {"0", "1", "2"}, "bold and dim are left, and no colour"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", REPORTS)
def test_the_last_line_is_the_total(name: str, width: int) -> None:
    text = printed(width, lambda console: terminal.render(REPORTS[name], console))
    assert text.rstrip("\n").split("\n")[-1].startswith("Total: ")


def test_student_text_never_begins_a_line_that_looks_like_the_total() -> None:
    text = printed(80, lambda console: terminal.render(REPORTS["hostile"], console))
    assert sum(line.startswith("Total") for line in text.split("\n")) == 1


def test_every_verdict_has_a_mark() -> None:
    assert set(terminal.MARKS) == set(Verdict)


@pytest.mark.parametrize("name", REPORTS)
def test_json_validates_and_comes_back(name: str) -> None:
    file = ReportFile(SCHEMA_VERSION, (REPORTS[name],), UNREADABLE)
    data = json.to_json(file)
    jsonschema.Draft202012Validator(schema.schema()).validate(msgspec.json.decode(data))
    assert json.to_json(json.from_json(data)) == data


def test_the_example_in_the_documentation_is_a_real_report() -> None:
    page = (Path(__file__).parents[2] / "docs" / "concepts" / "report.md").read_text(encoding="utf-8")
    assert (EXPECTED / "partial-80.txt").read_text(encoding="utf-8").rstrip("\n") in page


def test_reports_are_all_different() -> None:
    assert len({json.to_json(ReportFile(SCHEMA_VERSION, (r,))) for r in REPORTS.values()}) == len(REPORTS)
    assert all(isinstance(r, GradeReport) for r in REPORTS.values())
