"""Each format by itself: its contract, what a hostile student cannot do to it, what it says."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import PurePath
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from markdown_it import MarkdownIt
from msgspec.structs import replace

from grader.report.annotations import to_annotations
from grader.report.classroom50 import Classroom50Error, hand_from, summary, to_classroom50
from grader.report.code_quality import to_code_quality
from grader.report.csv import class_csv, criteria_csv
from grader.report.gradescope import to_gradescope
from grader.report.junit import to_junit
from grader.report.markdown import class_markdown, to_markdown
from grader.report.markdown_text import code, prose
from grader.report.plain import feedback_text
from grader.report.staged import for_platform
from grader.report.view import for_student
from grader.results import (
    SCHEMA_VERSION,
    Diagnosis,
    Evidence,
    Feedback,
    FeedbackLevel,
    Finding,
    Location,
    Measurement,
    Override,
    ReportFile,
    Severity,
    Table,
    Unreadable,
    Verdict,
    Visibility,
)
from tests.golden.reports import IMPORTS, LOSS, OUTPUT, REPORTS, report, result
from tests.unit.report_formats import CLASSROOM50, GRADESCOPE, HAND, READERS, written

DUE = datetime(2026, 3, 1, tzinfo=UTC)


def file_of(*reports, unreadable=()):
    return ReportFile(SCHEMA_VERSION, tuple(reports), tuple(unreadable))


def by_name(rows):
    return list(csv.DictReader(io.StringIO(rows)))


# --- contracts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REPORTS)
def test_gradescope_keeps_its_contract(name):
    content = json.loads(to_gradescope(REPORTS[name]))
    jsonschema.validate(content, GRADESCOPE)
    assert content["score"] == pytest.approx(REPORTS[name].score.total)
    for test in content["tests"]:
        assert ("score" in test) == (test["extra_data"]["verdict"] not in ("NEEDS_REVIEW", "GRADER_FAULT"))
        assert test.get("status", "failed") == ("passed" if test["extra_data"]["verdict"] == "PASS" else "failed")


@pytest.mark.parametrize("name", REPORTS)
def test_classroom50_keeps_its_contract(name):
    content = json.loads(to_classroom50(REPORTS[name], HAND))
    jsonschema.validate(content, CLASSROOM50)
    assert content["score"] == sum(test["score"] for test in content["tests"])
    assert content["max-score"] == sum(test["max-score"] for test in content["tests"])


def test_classroom50_has_fractions_in_whole_numbers():
    partial = result("plots.grid", "Grid", Verdict.PARTIAL, awarded=1 / 3, possible=1.0)
    content = json.loads(to_classroom50(report(partial, OUTPUT), HAND))
    assert [(test["score"], test["max-score"]) for test in content["tests"]] == [(33, 100), (200, 200)]


def test_classroom50_takes_a_late_penalty_off():
    content = json.loads(to_classroom50(report(OUTPUT, LOSS, late_penalty=0.5), HAND))
    assert content["score"] == 350
    assert content["tests"][-1] == {"test-name": "Handed in late", "passed": False, "score": -50, "max-score": 0}


def test_classroom50_says_the_committers_instant_in_utc():
    there = replace(HAND, handed_in_at=datetime(2026, 11, 21, 0, 30, tzinfo=timezone(timedelta(hours=2))))
    assert json.loads(to_classroom50(report(OUTPUT), there))["datetime"] == "2026-11-20T22:30:00Z"


def test_classroom50_needs_a_time_zone():
    with pytest.raises(ValueError, match="time zone"):
        to_classroom50(report(OUTPUT), replace(HAND, handed_in_at=datetime(2026, 11, 21)))  # noqa: DTZ001


ENVIRONMENT = {
    "CLASSROOM": "ml", "ASSIGNMENT": "backprop", "SUBMISSION_TAG": "s1", "COMMIT_URL": "c", "RELEASE_URL": "r",
}  # fmt: skip


def test_classroom50_reads_its_environment_and_the_review_may_be_absent():
    assert hand_from(ENVIRONMENT, DUE).review_url == "c"
    assert hand_from({**ENVIRONMENT, "REVIEW_URL": "v"}, DUE).review_url == "v"


def test_classroom50_outside_of_its_runner():
    with pytest.raises(Classroom50Error, match=r"\$ASSIGNMENT, \$COMMIT_URL"):
        hand_from({k: v for k, v in ENVIRONMENT.items() if k not in ("ASSIGNMENT", "COMMIT_URL")}, DUE)
    with pytest.raises(Classroom50Error, match="--submitted-at"):
        hand_from(ENVIRONMENT, None)


def test_the_summary_of_a_release():
    assert summary(report(OUTPUT, result("plots.a", "A", Verdict.NEEDS_REVIEW))) == "2 of 4 points, 2 pending"


JUNIT_ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors", "skipped", "time"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
    "testcase": {"classname", "name", "time"},
    "properties": set(),
    "property": {"name", "value"},
    "failure": {"message", "type"},
    "error": {"message", "type"},
    "skipped": {"message"},
}
JUNIT_TAGS = {
    Verdict.PASS: None,
    Verdict.BLOCKED: "skipped",
    Verdict.NEEDS_REVIEW: "skipped",
    Verdict.GRADER_FAULT: "error",
}


@pytest.mark.parametrize("name", REPORTS)
def test_junit_keeps_its_contract(name):
    root = ET.fromstring(to_junit(file_of(REPORTS[name], unreadable=[Unreadable("erin", "an empty folder")])))
    for element in root.iter():
        assert set(element.attrib) <= JUNIT_ATTRIBUTES[element.tag]
    suite, unreadable = root
    for case, graded in zip(suite.iterfind("testcase"), REPORTS[name].results, strict=True):
        tags = [child.tag for child in case if child.tag != "properties"]
        wanted = JUNIT_TAGS.get(graded.verdict, "failure")
        assert tags == ([wanted] if wanted else [])
    for counted in (suite, unreadable, root):
        for attribute, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped",) * 2):
            assert int(counted.get(attribute)) == len(list(counted.iter(tag)))
    assert unreadable.find("testcase/error").get("message") == "an empty folder"


def test_every_verdict_has_its_place_in_junit():
    every = [result(f"backprop.{v.lower()}", v, v) for v in Verdict]
    suite = ET.fromstring(to_junit(file_of(report(*every))))[0]
    counts = {name: int(suite.get(name)) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": 10, "failures": 6, "errors": 1, "skipped": 2}


def test_a_text_is_not_taken_from_a_result_with_the_same_feedback():
    feedback = Feedback("It differs.", seen_on="case 1")
    first = result("backprop.a", "A", Verdict.FAIL, feedback=feedback)
    override = Override("Prof. X", "2026-03-01", "", Verdict.FAIL, 0.0, Evidence.VERIFIED)
    others = [replace(first, seed=first.seed + 1), replace(first, private="n = 4"), replace(first, override=override)]
    assert len({feedback_text(each) for each in (first, *others)}) == 4
    assert f"case 1, seed {first.seed}" in feedback_text(first)
    assert f"case 1, seed {first.seed + 1}" in feedback_text(others[0])


# --- hostile text -----------------------------------------------------------------------------------------------------

ATTACKS = (
    "\x1b]0;owned\x07\x1b[2J\x9b31m",
    "\u202ereversed\u200b\u2066\ufeff\U000e0041",
    "\x00\ufffe\uffff\udcff\x0b",
    "]]><!ENTITY x SYSTEM 'file:///etc/passwd'>&x;",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "[click](javascript:alert(1)) ![x](https://evil.example/?c) <https://evil.example> https://evil.example",
    "| a | b |\n\n# heading\n- list\n```\n~~~~\n</code></pre></details>",
    "`` ` ``` ````` <b>",
    "\\| \\\\| \\` \\",
    "www.evil.example a@evil.example @everyone #1 org/repo#2 :fire: $x^2$ &lt;b&gt; <!-- -->",
    '=HYPERLINK("https://evil.example","x")',
    "  +1+cmd|' /C calc'!A0",
    "＝1+1",
    "::error file=x::y\n::stop-commands::z",
    "%0A::set-output name=x::y",
    '","=1+1\n"=2',
)


def hostile(attack):
    feedback = Feedback(
        attack,
        facts=(attack, f"x\n{attack}"),
        table=Table(("name", attack), ((attack, "1"), ("=1+1", attack))),
        diagnoses=(Diagnosis("values-scaled", attack),),
        expected=(attack,),
        seen_on=attack,
        again=attack,
    )
    finding = Finding("quoted", Severity.WARNING, attack, Location(attack, 3), attack, attack)
    override = Override(attack, attack, attack, Verdict.NEEDS_REVIEW, 0.0, Evidence.CLAIMED, attack, is_stale=True)
    failing = result("backprop.output", attack, Verdict.FAIL, feedback=feedback, private=attack, override=override)
    return report(failing, LOSS, student=attack, title=attack, files=(attack,), findings=(finding,))


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_format_lets_characters_act_or_loses_a_verdict(attack):
    for name, text in {**written(hostile(attack)), "index": class_markdown(file_of(hostile(attack)))}.items():
        acting = re.findall(
            "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\udc80-\udcff]", text
        )
        assert not acting, f"{name}: {acting}"
        if name in READERS:
            assert READERS[name](text).verdicts == ["FAIL", "PASS"], name


def rendered(text):
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text)


@pytest.mark.parametrize("attack", ATTACKS)
def test_markdown_has_the_same_structure_whatever_a_student_writes(attack):
    def tags(text):
        return re.findall(r"</?[a-zA-Z!][^>]*>", rendered(text))

    page, plain = to_markdown(hostile(attack)), to_markdown(hostile("harmless"))
    assert tags(page) == tags(plain)
    index = class_markdown(file_of(hostile(attack), OUT, unreadable=[Unreadable(attack, attack)]))
    assert tags(index) == tags(class_markdown(file_of(hostile("harmless"), OUT, unreadable=[Unreadable("a", "b")])))
    prose_only = re.sub(r"(`{3,})text\n.*?\n\1|(`+).*?\2", "", index, flags=re.DOTALL)
    assert not re.search(r"@\w|#\d|https?://|www\.\w", prose_only)


OUT = report(OUTPUT, student="bob")


@pytest.mark.parametrize("attack", ATTACKS)
def test_prose_and_code_show_what_was_written(attack):
    shown = prose(attack)
    assert "\n" not in shown
    assert rendered(f"a {shown} b").count("<") == 2
    assert rendered(code(attack)).startswith("<p><code>")


@pytest.mark.parametrize(
    "line", ["- item", "+ item", "1. item", "12) item", "===", "# heading", "> quote", "~~~", "---"]
)
def test_prose_at_the_start_of_a_line_is_a_paragraph(line):
    assert rendered(prose(line)).startswith("<p>")
    assert "<h" not in rendered(f"text\n{prose(line)}")


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_spreadsheet_sees_no_formula(attack):
    tables = (
        criteria_csv(file_of(hostile(attack))),
        class_csv(file_of(hostile(attack), unreadable=[Unreadable(attack, attack)])),
    )
    for text in tables:
        assert len(text.splitlines()) == 3
        for row in csv.reader(io.StringIO(text)):
            for field in row:
                assert not field.lstrip().startswith(("=", "+", "-", "@", "|", "%", "＝", "\t", "\r"))


def test_csv_quotes_every_field():
    assert re.fullmatch(r'("(?:[^"]|"")*",?)+', criteria_csv(file_of(REPORTS["partial"])).splitlines()[1])


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_annotation_stays_one_command(attack):
    lines = to_annotations(file_of(hostile(attack), unreadable=[Unreadable(attack, attack)]), PurePath("/course"))
    for line in lines.splitlines():
        assert re.fullmatch(r"::(error|warning|notice) (file=[^,:]*,)?(line=\d+,)?title=[^,:]*::.*", line)
    assert len(lines.splitlines()) == 3


# --- what they say ----------------------------------------------------------------------------------------------------


def test_annotations_are_at_file_and_line():
    finding = Finding(
        "bias-shape", Severity.NOTE, "it has an extra axis", Location("backprop.py", 31), criterion_id="a.b"
    )
    failing = result(
        "backprop.loss", "The loss", Verdict.CRASH, feedback=Feedback("backprop.py, line 9: syntax error.")
    )
    cell = result("backprop.x", "X", Verdict.FAIL, feedback=Feedback("no", ("hw.ipynb, cell 3, line 2",)))
    made = report(failing, cell, findings=(finding,), files=("backprop.py", "hw.ipynb"))
    made = replace(made, submission=replace(made.submission, path="/course/submissions/alice"))
    lines = to_annotations(file_of(made), PurePath("/course")).splitlines()
    assert lines[0].startswith(
        "::error file=submissions/alice/backprop.py,line=9,title=The loss%3A CRASH%2C 0 of 2 points::"
    )
    assert lines[1].startswith("::error file=submissions/alice/hw.ipynb,title=X")
    assert lines[2].startswith("::notice file=submissions/alice/backprop.py,line=31,title=bias-shape::")


def test_a_code_quality_report_says_the_same():
    finding = Finding("bias-shape", Severity.NOTE, "it has an extra axis", Location("hw.ipynb", 31, 2))
    failing = result(
        "backprop.loss", "The loss", Verdict.CRASH, feedback=Feedback("backprop.py, line 9: syntax error.")
    )
    placeless = result("backprop.x", "X", Verdict.FAIL, feedback=Feedback("no"))
    made = report(failing, placeless, findings=(finding, finding), files=("backprop.py", "hw.ipynb"))
    made = replace(made, submission=replace(made.submission, path="/course/submissions/alice"))
    first, nowhere, second = json.loads(to_code_quality(file_of(made), PurePath("/course")))
    assert first["location"] == {"path": "submissions/alice/backprop.py", "lines": {"begin": 9}}
    assert (first["severity"], first["check_name"]) == ("major", "backprop.loss")
    assert first["description"] == "The loss: CRASH, 0 of 2 points. backprop.py, line 9: syntax error."
    assert nowhere["location"] == {"path": "submissions/alice/backprop.py", "lines": {"begin": 1}}
    assert second["location"] == {"path": "submissions/alice/hw.ipynb", "lines": {"begin": 1}}
    assert second["severity"] == "info"
    moved = replace(failing, feedback=Feedback("backprop.py, line 9: syntax error."))
    again = json.loads(to_code_quality(file_of(replace(made, results=(moved,))), PurePath("/course")))
    assert again[0]["fingerprint"] == first["fingerprint"] != second["fingerprint"]


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_code_quality_report_is_json_whatever_it_says(attack):
    for entry in json.loads(to_code_quality(file_of(hostile(attack)), PurePath("/course"))):
        assert entry.keys() == {"description", "check_name", "fingerprint", "severity", "location"}
        assert not any(ord(c) < 32 and c != "\n" for c in entry["description"] + entry["location"]["path"])


def test_no_more_annotations_than_are_shown():
    many = [result(f"backprop.c{n}", "C", Verdict.FAIL) for n in range(30)]
    assert to_annotations(file_of(report(*many)), PurePath("/")).count("::error ") == 10


def test_what_waits_for_a_person_is_a_warning_and_what_is_blocked_is_silent():
    made = report(result("backprop.a", "A", Verdict.NEEDS_REVIEW), result("backprop.b", "B", Verdict.BLOCKED), OUTPUT)
    assert re.findall(r"^::(\w+)", to_annotations(file_of(made), PurePath("/")), re.MULTILINE) == ["warning"]


def test_pending_points_are_an_empty_field_and_lost_ones_a_zero():
    made = report(result("backprop.a", "A", Verdict.NEEDS_REVIEW), result("backprop.b", "B", Verdict.FAIL))
    assert [row["points"] for row in by_name(criteria_csv(file_of(made)))] == ["", "0"]
    (row,) = by_name(class_csv(file_of(made)))
    assert (row["backprop.a"], row["backprop.b"], row["pending"], row["points"]) == ("", "0", "2", "0")


def test_the_class_table_has_everybody():
    rows = by_name(class_csv(file_of(OUT, report(OUTPUT, LOSS), unreadable=[Unreadable("erin", "an empty folder")])))
    assert [row["status"] for row in rows] == ["graded", "graded", "an empty folder"]
    assert [row["backprop.loss"] for row in rows] == ["", "2", ""]
    assert rows[2]["path"] == "erin"


def test_criteria_of_several_assignments_are_told_apart():
    other = replace(OUT, assignment="weight_decay")
    (row, _) = by_name(class_csv(file_of(OUT, other)))
    assert row["backprop_to_lenet/backprop.output"] == "2"
    assert row["weight_decay/backprop.output"] == ""


def test_a_long_markdown_report_is_cut_and_says_so():
    long = [result(f"backprop.c{n}", f"C{n}", Verdict.FAIL, feedback=Feedback(f"{n}" + "x" * 300)) for n in range(50)]
    text = to_markdown(report(*long), most_characters=5_000)
    assert len(text) < 5_200
    assert re.search(r"Cut here: \d+ more sections", text)
    assert "C0" in text


def test_markdown_says_the_same_thing_once():
    text = to_markdown(REPORTS["does_not_load"])
    assert text.count("expected ':'") == 1
    assert text.count('As for "The forward pass is right"') == 2


# --- what is hidden ---------------------------------------------------------------------------------------------------

SECRETS = ("Zebra title", "backprop.zebra", "4711", "3.14159", "zebra_draws", "8888", "rubric.yaml:99", "zebra private")
HIDDEN = result(
    "backprop.zebra",
    "Zebra title",
    Verdict.FAIL,
    possible=1.0,
    feedback=Feedback(
        "It gives 4711.",
        facts=("input 8888",),
        expected=("the reference has 3.14159",),
        seen_on='case "zebra_draws"',
        again="grader run a --only backprop.zebra --seed 8888",
    ),
    measurements=(Measurement("zebra_draws", 3.14159),),
    private="zebra private",
    rubric_line="rubric.yaml:99",
    seed=8888,
    visibility=Visibility.HIDDEN,
)
BLOCKED = result(
    "backprop.later", "Later", Verdict.BLOCKED, feedback=Feedback('Not run: it needs "Zebra title", which was not met.')
)
EXPECTED = result(
    "backprop.value",
    "A value",
    Verdict.FAIL,
    feedback=Feedback("It differs.", ("yours is 2",), expected=("the reference has 3.14159",)),
    feedback_level=FeedbackLevel.DIAGNOSIS,
    private="zebra private",
)
FINDING = Finding("quoted", Severity.NOTE, "zebra_draws", criterion_id="backprop.zebra")


@pytest.mark.parametrize("visibility", [Visibility.HIDDEN, Visibility.AFTER_DUE_DATE])
def test_nothing_hidden_is_in_any_file_for_a_student(visibility):
    hidden = replace(HIDDEN, visibility=visibility)
    whole = report(OUTPUT, hidden, BLOCKED, EXPECTED, IMPORTS, findings=(FINDING,))
    for moment in (DUE - timedelta(days=1), *([DUE] if visibility is Visibility.HIDDEN else [])):
        cut = for_student(whole, moment, DUE)
        texts = written(cut)
        everything = file_of(cut)
        texts |= {
            "class csv": class_csv(everything),
            "index": class_markdown(everything),
            "annotations": to_annotations(everything, PurePath("/")),
            "code quality": to_code_quality(everything, PurePath("/")),
        }
        for name, text in texts.items():
            for secret in SECRETS:
                assert secret not in text, f"{secret} in {name}"


def test_a_platform_that_hides_gets_everything_and_shows_no_secret():
    after = replace(HIDDEN, criterion_id="backprop.after", title="After title", visibility=Visibility.AFTER_DUE_DATE)
    naming = result("backprop.n", "N", Verdict.BLOCKED, feedback=Feedback('It needs "After title" and "Zebra title".'))
    late = replace(naming, criterion_id="backprop.m", visibility=Visibility.AFTER_DUE_DATE)
    whole = report(OUTPUT, HIDDEN, after, naming, late, findings=(FINDING,))
    content = json.loads(to_gradescope(for_platform(whole)))
    assert [t["visibility"] for t in content["tests"]] == [
        "visible",
        "hidden",
        "after_due_date",
        "visible",
        "after_due_date",
    ]
    at_once = json.dumps([content["output"], *(t for t in content["tests"] if t["visibility"] == "visible")])
    later = json.dumps([t for t in content["tests"] if t["visibility"] == "after_due_date"])
    assert not re.search("Zebra|zebra|4711|After", at_once)
    assert "After title" in later
    assert not re.search("Zebra|zebra private", later)
    assert content["score"] == whole.score.total
    assert "zebra private" in json.dumps(content)


def test_the_feedback_level_holds_in_every_format():
    cut = for_student(report(EXPECTED, OUTPUT), DUE, DUE)
    for name, text in written(cut).items():
        assert "3.14159" not in text, name
        assert "zebra private" not in text, name
    assert "3.14159" in written(report(EXPECTED))["markdown"]
