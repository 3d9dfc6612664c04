"""Comments and texts graded from whole submissions, behind the walls and without any framework."""

import json

import pytest

from grader.checks.registry import KINDS
from grader.course.load import load
from grader.results import Evidence, Verdict
from grader.session import Job, grade

RUBRIC = """assignment: Words
parts:
  - id: words
    criteria:
      - {id: comments, title: Comments, points: 4, check: comments, share: 80%}
      - {id: seen, title: Observation, points: 2, check: text, section: Dropout > Observation, words: 5}
      - {id: counted, title: Conclusion, points: 1, check: text, section: Conclusion, words: 3, graded_by: words}
"""
STARTER = "import math\n\nSEED = 0\n"


@pytest.fixture
def grade_notebook(tmp_path):
    """Grade a notebook of these cells, ``(kind, source)``."""

    def run(*cells):
        folder = tmp_path / "course" / "reference" / "words"
        (folder / "starter").mkdir(parents=True)
        (folder.parents[1] / "rubric.yaml").write_text("course: Words\n")
        (folder / "rubric.yaml").write_text(RUBRIC)
        (folder / "cases.py").write_text("")
        (folder / "starter" / "words.py").write_text(STARTER)
        (folder / "handout.md").write_text("# Words\n\n*Write what you see.*\n")
        alice = tmp_path / "alice"
        alice.mkdir()
        made = [{"cell_type": kind, "metadata": {}, "source": source} for kind, source in cells]
        for cell in made:
            if cell["cell_type"] == "code":
                cell.update(outputs=[], execution_count=None)
        document = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": made}
        (alice / "hw.ipynb").write_text(json.dumps(document))
        report = grade(load(tmp_path / "course", KINDS), Job(alice, assignment="words"))
        return {result.criterion_id.partition(".")[2]: result for result in report.results}

    return run


def test_a_whole_notebook(grade_notebook):
    results = grade_notebook(
        ("code", STARTER + "# how many images there are\nx = 1\ny = 2"),
        ("code", "%matplotlib inline\nz = 3"),
        ("markdown", "## Dropout\n### Observation\n*Write what you see.*"),
        ("markdown", "It trains slower than before."),
        ("markdown", "## Conclusion\nLess is more."),
    )
    assert results["comments"].private == ""
    assert (results["comments"].verdict, results["comments"].evidence) == (Verdict.PARTIAL, Evidence.CLAIMED)
    assert results["comments"].awarded == pytest.approx(4 * (2 / 3) / 0.8)
    assert results["comments"].feedback.table.rows == (("hw.ipynb, cell 2, line 2", "z = 3"),)
    assert results["seen"].verdict is Verdict.NEEDS_REVIEW
    assert results["seen"].feedback.facts == (
        "hw.ipynb, cell 3:",
        "> It trains slower than before.",
        "It has 5 words of your own; at least 5 are asked for.",
    )
    assert results["counted"].verdict is Verdict.PASS


def test_what_was_not_written_is_missing(grade_notebook):
    results = grade_notebook(("code", STARTER), ("markdown", "## Dropout\n### Observation\n*Write what you see.*"))
    assert {name: result.verdict for name, result in results.items()} == dict.fromkeys(results, Verdict.MISSING)
