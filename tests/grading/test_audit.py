"""Findings of the audit in a report: from a real worker, at no cost, once."""

import json

import pytest

from grader.checks.registry import KINDS
from grader.course.load import load
from grader.results import Location, Verdict
from grader.session import Job, grade

RUBRIC = """\
assignment: Doubling
parts:
  - id: first
    functions: {double: {accepts: [x], returns: [doubled]}}
    oracle: oracle.py
    criteria:
      - {id: right, title: It doubles, points: 1, check: values, of: doubled, cases: [numbers]}
      - {id: again, title: It doubles again, points: 1, check: values, of: doubled, cases: [numbers]}
"""
FUNCTION = "def double(x):\n    return 2 * x\n"
PLACEHOLDER = "## Why?\nSay why.\n*Your answer here*"


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "course" / "reference" / "doubling"
    (folder / "starter").mkdir(parents=True)
    (tmp_path / "course" / "rubric.yaml").write_text("course: A course\n")
    (folder / "rubric.yaml").write_text(RUBRIC)
    (folder / "oracle.py").write_text(FUNCTION)
    (folder / "cases.py").write_text("def numbers(rng):\n    return {'x': rng.normal(size=5)}\n")
    (folder / "starter" / "work.ipynb").write_text(notebook(text(PLACEHOLDER)))
    return load(tmp_path / "course", KINDS)


def notebook(*cells):
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": list(cells)})


def text(source):
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def code(source, count):
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": count}


def graded(course, tmp_path, files):
    submission = tmp_path / "somebody"
    submission.mkdir()
    for name, content in files.items():
        (submission / name).write_text(content)
    return grade(course, Job(submission, assignment="doubling"))


def test_findings_stand_in_the_report_and_cost_nothing(course, tmp_path):
    cells = code(FUNCTION, 2), code("a = 1", 1), text(PLACEHOLDER), text(PLACEHOLDER)
    report = graded(course, tmp_path, {"work.ipynb": notebook(*cells)})
    assert [result.verdict for result in report.results] == [Verdict.PASS, Verdict.PASS]
    assert report.score.total == 2
    assert [(finding.kind, finding.where, finding.costs_points) for finding in report.findings] == [
        ("cells-out-of-order", Location("work.ipynb", None, 2), False),
        ("placeholder-left", Location("work.ipynb", 3, 3), False),
        ("placeholder-left", Location("work.ipynb", 3, 4), False),
    ]


def test_a_script_is_not_audited(course, tmp_path):
    assert graded(course, tmp_path, {"work.py": FUNCTION}).findings == ()


def test_a_notebook_that_cannot_be_read_is_no_finding_of_the_audit(course, tmp_path):
    report = graded(course, tmp_path, {"work.py": FUNCTION, "other.ipynb": "{"})
    assert report.score.total == 2
    assert [finding.kind for finding in report.findings if finding.kind == "not-audited"] == []
