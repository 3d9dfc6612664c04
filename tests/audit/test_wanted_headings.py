"""Which headings of a rubric a notebook is asked for."""

from pathlib import Path

import pytest

from grader.checks.text import TextOptions
from grader.course.model import Assignment, Criterion, Part, Source
from grader.grading.audits import wanted_headings
from grader.results import Visibility

NOWHERE = Source("rubric.yaml", 1)


def assignment(*criteria):
    part = Part("report", "Report", (), "", criteria, NOWHERE)
    return Assignment("a", "A", Path(), Path("rubric.yaml"), (part,))


def text(section, **more):
    return Criterion("report.x", "X", "text", 1.0, TextOptions(section), NOWHERE, **more)


def test_headings_come_from_visible_criteria_about_text():
    criteria = (
        text("Analysis"),
        text("Results > Kernels"),
        text(("Method", "Methods")),
        text("Secret", visibility=Visibility.HIDDEN),
        Criterion("report.y", "Y", "comments", 1.0, None, NOWHERE),
    )
    assert wanted_headings(assignment(*criteria), ("hw.ipynb", "hw.py")) == ("Analysis", "Kernels")


@pytest.mark.parametrize("files", [("hw.py",), ("hw.ipynb", "answers.md"), ("a.ipynb", "b.ipynb")])
def test_none_are_asked_for_where_texts_may_stand_elsewhere(files):
    assert wanted_headings(assignment(text("Analysis")), files) == ()
