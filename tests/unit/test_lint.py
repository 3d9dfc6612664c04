"""``grader lint``: what it prints and how it ends."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.cli.lint import lint

RUBRIC = """\
assignment: Two layers
parts:
  - id: backprop
    oracle: oracle.py
    imports: [numpy]
    functions:
      forward: {accepts: [X], returns: [Y]}
    cases: [handout]
    criteria:
      - {id: numpy_only, title: NumPy only, points: 1, check: imports}
      - {id: values, title: The values, points: 2.5, check: values, of: Y, needs: [numpy_only]}
"""


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "reference/two_layers"
    folder.mkdir(parents=True)
    (tmp_path / "rubric.yaml").write_text("course: Deep learning\n")
    (folder / "rubric.yaml").write_text(RUBRIC)
    (folder / "oracle.py").write_text("def forward(X): ...\n")
    (folder / "cases.py").write_text("def handout(rng): ...\n")
    return tmp_path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(lint, [str(argument) for argument in arguments], catch_exceptions=False)


def rewrite(course: Path, old: str, new: str) -> None:
    path = course / "reference/two_layers/rubric.yaml"
    assert RUBRIC.count(old) == 1
    path.write_text(RUBRIC.replace(old, new))


def test_a_right_course_is_summed_up(course):
    result = run(course)
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "rubric.yaml: 1 assignment, 2 criteria, 3.5 points",
        "reference/two_layers/rubric.yaml: backprop 3.5 points",
    ]


def test_without_a_path_it_is_the_current_folder(course, monkeypatch):
    monkeypatch.chdir(course / "reference/two_layers")
    assert run().output == run(course).output


def test_mistakes_go_to_standard_error_and_end_with_2(course):
    rewrite(course, "points: 2.5", "poinst: 2.5")
    result = run(course / "reference/two_layers/rubric.yaml")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "reference/two_layers/rubric.yaml:11: criterion 'values' has no 'points'",
        "reference/two_layers/rubric.yaml:11: unknown key 'poinst' in criterion 'values'; did you mean 'points'?",
        "2 errors; the course cannot be graded until they are gone",
    ]


def test_one_mistake_is_not_two(course):
    rewrite(course, "points: 2.5", "points: -1")
    assert "\n1 error; the course cannot be graded until it is gone" in run(course).stderr


def test_a_folder_without_a_course(tmp_path):
    result = run(tmp_path)
    assert result.exit_code == 2
    assert result.stderr.startswith("no course: there is no rubric.yaml with the key 'course' in")


def test_a_path_that_is_not_there(tmp_path):
    result = run(tmp_path / "nowhere")
    assert result.exit_code == 2
    assert "nowhere; give the course's folder or something inside it" in result.stderr


def test_warning_for_a_need_that_students_do_not_see(course):
    rewrite(course, "check: imports}", "check: imports, visible: never}")
    result = run(course)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].startswith(
        "reference/two_layers/rubric.yaml:11: warning: criterion 'backprop.values' needs 'backprop.numpy_only', which "
        "students see less of"
    )


def test_no_warning_for_a_hidden_criterion_that_needs_a_visible_one(course):
    rewrite(course, "needs: [numpy_only]}", "needs: [numpy_only], visible: never}")
    assert "warning" not in run(course).output


def test_warning_for_a_case_that_nobody_draws(course):
    cases = (
        "def handout(rng): return shared(rng)\n\n\ndef shared(rng): ...\n\n\ndef lost(rng): ...\n\n\ndef _own(): ...\n"
    )
    (course / "reference/two_layers/cases.py").write_text(cases)
    result = run(course)
    assert result.exit_code == 0
    assert [line for line in result.stdout.splitlines() if "warning" in line] == [
        "reference/two_layers/cases.py:7: warning: no criterion draws the case 'lost'; a helper's name starts with '_'"
    ]


def test_warning_for_a_part_without_points(course):
    rewrite(course, "criteria:\n", "criteria:\n      - {id: free, title: T, points: 0, check: imports}\n")
    assert "warning" not in run(course).output
    path = course / "reference/two_layers/rubric.yaml"
    more = "  - {id: extra, oracle: oracle.py, imports: [], criteria: [{id: a, title: A, points: 0, check: imports}]}\n"
    path.write_text(RUBRIC + more)
    assert run(course).stdout.splitlines()[0] == (
        "reference/two_layers/rubric.yaml:12: warning: part 'extra' is worth 0 points"
    )


def test_the_projects_own_course_has_neither_errors_nor_warnings():
    result = run(Path(__file__).parents[2])
    assert result.exit_code == 0, result.output
    assert "warning" not in result.output
