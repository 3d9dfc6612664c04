"""``grader run`` with points entered by hand, and ``grader overrides``, as a user calls them."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.small_course import write_course

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-c", "from grader.cli.main import main; main()")
ENVIRONMENT = {**os.environ, "COLUMNS": "100", "PYTHONPATH": str(ROOT)}
ENTRY = """\
backprop_to_lenet:
  {student}:
    backprop.{criterion}:
      points: {points}
      by: KT
      on: 2026-11-21
      note: Agreed in the tutorial.
"""
ESSAY = """\
  - id: essay
    title: An essay
    criteria:
      - {id: method, title: Method, points: 4, check: text, section: Method}
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A small course with a question that a person reads, and two students."""
    folder = write_course(tmp_path_factory.mktemp("course"))
    with (folder / "reference/backprop_to_lenet/rubric.yaml").open("a") as rubric:
        rubric.write(ESSAY)
    for name in ("alice", "bob"):
        shutil.copytree(ROOT / "submissions" / name, folder / "submissions" / name)
    (folder / "submissions/alice/answers.md").write_text("# Method\n\nI divided the pixels by 255.\n")
    return folder


@pytest.fixture
def grader(course):
    def run(*arguments):
        return subprocess.run(
            [*COMMAND, *arguments], cwd=course, capture_output=True, text=True, timeout=120, env=ENVIRONMENT
        )

    yield run
    (course / "overrides.yaml").unlink(missing_ok=True)


def enter(course, points=1, student="alice", criterion="numpy_only", more=""):
    text = ENTRY.format(points=points, student=student, criterion=criterion)
    (course / "overrides.yaml").write_text(text + more)


ONE = ("--only", "backprop.numpy_only")


def test_what_waits_is_filled_in_and_counts_in_the_next_run(course, grader):
    assert grader("run", "submissions", "--only", "essay", "--json", "first.json").returncode == 1
    printed = grader("overrides", "first.json")
    assert printed.returncode == 0, printed.stderr
    assert "  alice:\n    essay.method:  # Method: NEEDS_REVIEW\n      points:  # 0 to 4\n" in printed.stdout
    filled = printed.stdout
    for key, value in (("points", "3"), ("by", "KT"), ("on", "2026-11-21"), ("note", "The batch size is missing.")):
        filled = filled.replace(f"      {key}:", f"      {key}: {value}")
    (course / "overrides.yaml").write_text(filled)
    again = grader("run", "submissions", "--only", "essay", "--json", "second.json", "--format", "csv")
    assert (again.returncode, again.stderr.count("overrides.yaml")) == (1, 0), again.stderr
    (alice,) = (row for row in csv.DictReader(io.StringIO(again.stdout)) if row["student"] == "alice")
    assert (alice["points"], alice["pending"], alice["by_hand"]) == ("3", "0", "1")
    report = next(r for r in json.loads((course / "second.json").read_text())["reports"] if r["score"]["awarded"])
    assert (report["score"]["awarded"], report["score"]["pending"]) == (3, 0)
    override = report["results"][0]["override"]
    assert (override["found_verdict"], override["is_stale"]) == ("NEEDS_REVIEW", False)


def test_nothing_is_printed_where_nothing_waits(course, grader):
    grader("run", "submissions/alice", *ONE, "--json", "first.json")
    printed = grader("overrides", "first.json")
    assert (printed.returncode, printed.stdout, printed.stderr) == (0, "", "Nothing waits for a person.\n")


@pytest.mark.parametrize(
    ("name", "said"), [("missing.json", "cannot be read (No such file"), ("rubric.yaml", "not a report file")]
)
def test_a_file_that_is_no_report(name, said, grader):
    printed = grader("overrides", name)
    assert printed.returncode == 2
    assert said in printed.stderr


def test_a_decision_is_shown_and_the_exit_code_follows_it(course, grader):
    enter(course, points=0.5)
    done = grader("run", "submissions/alice", *ONE)
    assert done.returncode == 1
    assert "Entered by hand by KT on 2026-11-21: 0.5 of 1 point." in done.stdout
    assert "Grading had found PASS: 1 of 1 point." in done.stdout
    assert "Total: 0.5 of 1 point" in done.stdout
    for_student = grader("run", "submissions/alice", *ONE, "--for", "student").stdout
    assert "Agreed in the tutorial." in for_student
    assert "KT" not in for_student
    without = grader("run", "submissions/alice", *ONE, "--overrides", "none")
    assert (without.returncode, "Entered by hand" in without.stdout) == (0, False)


def test_another_file_can_be_given(course, grader, tmp_path):
    enter(course, points=0.5)
    shutil.copy(course / "overrides.yaml", tmp_path / "section_b.yaml")
    (course / "overrides.yaml").write_text("nonsense")
    done = grader("run", "submissions/alice", *ONE, "--overrides", str(tmp_path / "section_b.yaml"))
    assert "Total: 0.5 of 1 point" in done.stdout
    assert f"Entered in {tmp_path / 'section_b.yaml'}:3." in " ".join(done.stdout.split())


def test_a_mistake_is_named_before_anything_is_graded(course, grader):
    enter(course, points=2)
    for command in (("run", "submissions/alice", *ONE), ("lint",)):
        done = grader(*command)
        assert (done.returncode, done.stdout) == (2, "")
        assert "overrides.yaml:3: 'backprop.numpy_only' of 'alice' has 2 points, but the criterion" in done.stderr


def test_a_student_without_a_submission_is_named_and_the_others_are_graded(course, grader):
    enter(course, student="alcie")
    done = grader("run", "submissions/alice", *ONE)
    assert done.returncode == 2
    assert "Total: 1 of 1 point" in done.stdout
    assert done.stderr == (
        "overrides.yaml:3: there is no submission of 'alcie' beside those that were graded; did you mean 'alice'?\n"
    )


def test_a_neighbour_need_not_be_graded(course, grader):
    enter(course, student="bob")
    done = grader("run", "submissions/alice", *ONE)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_decision_about_other_files_is_said(course, grader):
    enter(course, points=0.5, more='      submission: "00000000"\n')
    done = grader("run", "submissions/alice", *ONE)
    assert "It was entered for other files than those that were graded now" in done.stdout
    assert done.stderr.startswith("overrides.yaml:3: entered for other files of alice than those graded now;")
    assert "Total: 0.5 of 1 point" in done.stdout


def test_students_files_and_the_class_table_have_it(course, grader, tmp_path):
    enter(course, points=0.5)
    done = grader("run", "submissions", *ONE, "--out", str(tmp_path / "out"))
    assert done.returncode == 1, done.stderr
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out/class.csv").read_text())))
    assert {row["student"]: (row["points"], row["by_hand"]) for row in rows} == {
        "alice": ("0.5", "1"),
        "bob": ("1", "0"),
    }
    page = (tmp_path / "out/students/alice/report.html").read_text()
    assert "Entered by hand on 2026-11-21" in page
    assert "KT" not in page
