"""Of a notebook only what a part asks for is run, and every part must get what it asks for, in one worker."""

import nbformat
import pytest

from grader.checks.registry import KINDS
from grader.course.load import load
from grader.results import Verdict
from grader.session import Job, grade

RUBRIC = """\
assignment: Two parts
parts:
  - id: first
    functions: {double: {accepts: [x], returns: [doubled]}}
    oracle: oracle.py
    criteria:
      - {id: right, title: It doubles, points: 1, check: values, of: doubled, cases: [numbers]}
  - id: second
    functions: {square: {accepts: [x], returns: [squared]}}
    oracle: oracle.py
    criteria:
      - {id: right, title: It squares, points: 1, check: values, of: squared, cases: [numbers]}
"""
FUNCTIONS = "def double(x):\n    return 2 * x\n", "def square(x):\n    return x**2\n"


@pytest.fixture
def two_parts(tmp_path):
    folder = tmp_path / "course" / "reference" / "two_parts"
    folder.mkdir(parents=True)
    (tmp_path / "course" / "rubric.yaml").write_text("course: A course\n")
    (folder / "rubric.yaml").write_text(RUBRIC)
    (folder / "oracle.py").write_text("\n\n".join(FUNCTIONS))
    (folder / "cases.py").write_text("def numbers(rng):\n    return {'x': rng.normal(size=5)}\n")
    return load(tmp_path / "course", KINDS)


def test_the_functions_of_each_part_are_there(two_parts, tmp_path):
    submission = tmp_path / "somebody"
    submission.mkdir()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in FUNCTIONS])
    nbformat.write(notebook, submission / "work.ipynb")
    report = grade(two_parts, Job(submission, assignment="two_parts"))
    assert {r.criterion_id: r.verdict for r in report.results} == {
        "first.right": Verdict.PASS,
        "second.right": Verdict.PASS,
    }, [r.feedback for r in report.results]
