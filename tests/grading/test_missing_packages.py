"""What this machine lacks costs a student nothing."""

import importlib.util

import pytest

from grader.checks import student
from grader.results import Verdict

WITHOUT = [name for name in student.FRAMEWORKS if importlib.util.find_spec(name) is None]


def test_a_package_that_the_grader_lacks_is_not_the_students_fault(grade_source, monkeypatch):
    monkeypatch.setitem(student.FRAMEWORKS, "no_such_framework", "pip install it")
    report = grade_source("import no_such_framework.layers\n\ndef forward_propagation(X, weights): ...\n")
    (result,) = [r for r in report.results if r.criterion_id == "backprop.forward"]
    assert result.verdict is Verdict.NEEDS_REVIEW
    assert "no_such_framework, which is not installed beside the grader" in result.feedback.summary
    assert "pip install it" in result.feedback.facts[0]


def test_any_other_missing_module_is(grade_source):
    report = grade_source("import no_such_module\n\ndef forward_propagation(X, weights): ...\n")
    (result,) = [r for r in report.results if r.criterion_id == "backprop.forward"]
    assert result.verdict is Verdict.CRASH


@pytest.mark.skipif(not WITHOUT, reason="every framework is installed here")
def test_a_framework_that_is_not_here(grade_source):
    report = grade_source(f"import {WITHOUT[0]}\n\ndef forward_propagation(X, weights): ...\n")
    (result,) = [r for r in report.results if r.criterion_id == "backprop.forward"]
    assert result.verdict is Verdict.NEEDS_REVIEW
