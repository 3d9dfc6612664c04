"""The published contracts of other platforms as JSON Schemas, and readers that take each format apart again."""

import csv
import io
import json
import re
from datetime import UTC, datetime
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

from grader.report.classroom50 import SCALE, Hand, to_classroom50
from grader.report.files import FORMATS
from grader.results import GradeReport

HAND = Hand(
    "ml-2026",
    "backprop",
    "submission-3",
    "https://git.example/commit/1",
    "https://git.example/release/1",
    "https://git.example/review/1",
    datetime(2026, 11, 20, 22, 59, tzinfo=UTC),
)


def object_of(
    required: dict[str, Any], optional: dict[str, Any] | None = None, *, more: bool = False
) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **(optional or {})},
        "additionalProperties": more,
    }


TEXT, NUMBER, WHOLE, FLAG = {"type": "string"}, {"type": "number"}, {"type": "integer"}, {"type": "boolean"}
FREE = {"type": "object"}
TEXT_FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
SHOWN = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}

GRADESCOPE = object_of(
    {
        "score": NUMBER,
        "tests": {
            "type": "array",
            "items": object_of(
                {},
                {
                    "score": NUMBER,
                    "max_score": NUMBER,
                    "status": {"enum": ["passed", "failed"]},
                    "name": TEXT,
                    "name_format": TEXT_FORMAT,
                    "number": TEXT,
                    "output": TEXT,
                    "output_format": TEXT_FORMAT,
                    "tags": {"type": "array", "items": TEXT},
                    "visibility": SHOWN,
                    "extra_data": FREE,
                },
            ),
        },
    },
    {
        "execution_time": NUMBER,
        "output": TEXT,
        "output_format": TEXT_FORMAT,
        "test_output_format": TEXT_FORMAT,
        "test_name_format": TEXT_FORMAT,
        "visibility": SHOWN,
        "stdout_visibility": SHOWN,
        "extra_data": FREE,
        "leaderboard": {"type": "array", "items": object_of({"name": TEXT, "value": {}}, {"order": TEXT})},
    },
)

INSTANT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
CLASSROOM50 = object_of(
    {
        "schema": {"const": "classroom50/result/v1"},
        "classroom": TEXT,
        "assignment": TEXT,
        "submission": TEXT,
        "commit": TEXT,
        "release": TEXT,
        "review": TEXT,
        "datetime": INSTANT,
        "score": WHOLE,
        "max-score": WHOLE,
        "tests": {
            "type": "array",
            "items": object_of({"test-name": TEXT, "passed": FLAG, "score": WHOLE, "max-score": WHOLE}, more=True),
        },
    },
    {"graded_at": INSTANT},
)


class Told(NamedTuple):
    """What one format says: the total and, in order, each criterion's verdict."""

    total: float
    verdicts: list[str]


def written(report: GradeReport) -> dict[str, str]:
    """Every format's text for one submission."""
    texts = {name: form.of_one(report) for name, form in FORMATS.items()}
    return {**texts, "classroom50": to_classroom50(report, HAND)}


def read_json(text: str) -> Told:
    (report,) = json.loads(text)["reports"]
    total = max(0.0, report["score"]["awarded"] - report["score"]["late_penalty"])
    return Told(total, [result["verdict"] for result in report["results"]])


def read_junit(text: str) -> Told:
    root = ET.fromstring(text)
    (suite,) = root
    points = next(p.get("value") for p in suite.find("properties") if p.get("name") == "points")
    verdicts = [p.get("value") for p in suite.iterfind("testcase/properties/property") if p.get("name") == "verdict"]
    return Told(float(points), verdicts)


def read_markdown(text: str) -> Told:
    total = re.search(r"^\*\*([\d.]+) of ", text, re.MULTILINE)
    rows = re.findall(r"^\| [✓◐✗–?] \| .* \| [^|]* \| ([A-Z_]+) \| [a-z]* \|$", text, re.MULTILINE)
    return Told(float(total[1]), rows)


def read_csv(text: str) -> Told:
    rows = list(csv.DictReader(io.StringIO(text)))
    return Told(sum(float(row["points"] or 0) for row in rows), [row["verdict"] for row in rows])


def read_gradescope(text: str) -> Told:
    content = json.loads(text)
    return Told(content["score"], [test["extra_data"]["verdict"] for test in content["tests"]])


def read_classroom50(text: str) -> Told:
    content = json.loads(text)
    tests = [test for test in content["tests"] if "verdict" in test]
    return Told(content["score"] / SCALE, [test["verdict"] for test in tests])


def read_html(text: str) -> Told:
    """The words of the page, without its markup."""
    total = re.search(r"([\d.]+)\s+of\s+[\d.]+", re.sub(r"<[^>]*>", " ", text.partition("<body")[2]))
    return Told(float(total[1]), re.findall(r'<span class="verdict \w+">(\w+)</span>', text))


READERS = {
    "html": read_html,
    "json": read_json,
    "junit": read_junit,
    "markdown": read_markdown,
    "csv": read_csv,
    "gradescope": read_gradescope,
    "classroom50": read_classroom50,
}
