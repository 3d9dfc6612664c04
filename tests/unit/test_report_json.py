import json as standard
import subprocess
import sys
from importlib.resources import files

import jsonschema
import pytest

from grader.report import schema
from grader.report.json import ReportError, from_json, to_json
from grader.results import (
    SCHEMA_VERSION,
    CriterionResult,
    Evidence,
    Feedback,
    FeedbackLevel,
    GradeReport,
    Measurement,
    PartInfo,
    Provenance,
    ReportFile,
    Score,
    SubmissionInfo,
    Table,
    Unreadable,
    Verdict,
    Visibility,
)


def report_file(student: str = "alice") -> ReportFile:
    result = CriterionResult(
        criterion_id="backprop.loss",
        part_id="backprop",
        title="The loss is right",
        verdict=Verdict.PARTIAL,
        awarded=2 / 3,
        possible=2.0,
        evidence=Evidence.VERIFIED,
        feedback=Feedback("Off by 3.", ("seen: 4",), Table(("a",), (("1",),), ("a",)), again="grader run x"),
        feedback_level=FeedbackLevel.FACTS,
        visibility=Visibility.VISIBLE,
        seed=2**62 + 1,
        rubric_line="rubric.yaml:3",
        measurements=(Measurement("error", None, unit="relative", tolerance=1e-8),),
    )
    report = GradeReport(
        schema_version=SCHEMA_VERSION,
        submission=SubmissionInfo(student, "submissions/alice", ("backprop.py",)),
        assignment="backprop_to_lenet",
        assignment_title="Backpropagation",
        parts=(PartInfo("backprop", "By hand"),),
        results=(result,),
        score=Score(awarded=2 / 3, possible=2.0),
        findings=(),
        provenance=Provenance(
            "full", ("no network",), "", 7, "--seed", {"b": "2", "a": "1"}, {"z": "0", "y": "1"}, "h", "2026-01-01"
        ),
        duration_s=1.5,
    )
    return ReportFile(SCHEMA_VERSION, (report,), (Unreadable("zed", "empty folder"),))


def test_reports_come_back_exactly() -> None:
    assert from_json(to_json(report_file())) == report_file()


def test_keys_that_other_programs_read() -> None:
    report = standard.loads(to_json(report_file()))["reports"][0]
    assert report["submission"]["student"] == "alice"
    assert report["score"] == {
        "awarded": 2 / 3,
        "possible": 2.0,
        "pending": 0.0,
        "late_penalty": 0.0,
        "not_shown": 0.0,
    }
    assert {"criterion_id", "verdict", "awarded", "possible", "evidence", "measurements", "feedback"} <= set(
        report["results"][0]
    )
    assert report["results"][0]["verdict"] == "PARTIAL"
    assert report["results"][0]["measurements"][0]["value"] is None
    assert {"isolation", "seed", "versions", "digests"} <= set(report["provenance"])


def test_the_order_of_keys_does_not_depend_on_how_a_report_was_made() -> None:
    text = to_json(report_file()).decode()
    assert text.index('"a": "1"') < text.index('"b": "2"')
    assert text.index('"y": "1"') < text.index('"z": "0"')
    # also for a file name that is not UTF-8, which takes another way through the encoder
    strange = to_json(report_file("alice\udcff")).decode()
    assert strange.replace(r"alice\\udcff", "alice") == text


def test_layout() -> None:
    data = to_json(report_file())
    assert data.startswith(b'{\n  "schema_version": "1",\n  "reports": [\n    {\n')
    assert data.endswith(b"}\n")
    assert not data.endswith(b"\n\n")


def test_characters_that_act_on_a_terminal_are_escaped_and_the_data_is_the_same() -> None:
    name = "\x1b[2J\x9b2J\x7f\u202e\u2066\u200b\u2028\ufeff é 山 🦊"
    data = to_json(report_file(name))
    for character in "\x1b\x9b\x7f\u202e\u2066\u200b\u2028\ufeff":
        assert character not in data.decode()
    assert "é 山 🦊" in data.decode()
    assert from_json(data).reports[0].submission.student == name


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a report file: Input data was truncated"),
        (b"{", "not a report file: Input data was truncated"),
        (b"[]", "not a report file: Expected `object`, got `array`"),
        (b"{}", "missing required field `schema_version`"),
        (b'{"schema_version": "1"}', "missing required field `reports`"),
        (b'{"schema_version": "1", "reports": [{"x": 1}]}', r"\$.reports\[0\]"),
        (b'{"schema_version": "2", "reports": []}', "schema version '2', while this version reads '1'"),
        (b'{"schema_version": "\xff"}', "not a report file: .*invalid"),
        (b"[" * 100_000, "not a report file"),
    ],
)
def test_a_file_that_is_not_a_report(data: bytes, message: str) -> None:
    with pytest.raises(ReportError, match=message):
        from_json(data)


def test_keys_of_a_later_version_of_the_same_schema_are_ignored() -> None:
    tree = standard.loads(to_json(report_file()))
    tree["reports"][0]["something_new"] = [1]
    assert from_json(standard.dumps(tree).encode()) == report_file()


def test_the_published_schema_is_what_the_types_say() -> None:
    published = files("grader.report").joinpath("grade-report.schema.json").read_bytes()
    assert published == schema.schema_bytes(), "run: python -m grader.report.schema"


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema.schema())


def test_a_report_validates() -> None:
    jsonschema.Draft202012Validator(schema.schema()).validate(standard.loads(to_json(report_file())))


@pytest.mark.parametrize(
    ("key", "value"), [("verdict", "GOOD"), ("awarded", "2"), ("evidence", None), ("feedback", {"facts": []})]
)
def test_the_schema_refuses_what_is_not_a_report(key: str, value: object) -> None:
    tree = standard.loads(to_json(report_file()))
    tree["reports"][0]["results"][0][key] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema.schema()).validate(tree)


def test_pure_modules_do_not_import_rich() -> None:
    code = (
        "import sys, grader.report.view, grader.text, grader.report.json, grader.report.schema\n"
        "sys.exit(sorted(m for m in sys.modules if m.split('.')[0] in ('rich', 'pytest', 'numpy'))[:3] or 0)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
