"""The same criteria under plain pytest: one item per criterion, selected and reported by pytest's own means."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PART = "reference/backprop_to_lenet/rubric.yaml::backprop"
"""The part that needs no framework."""


def run(*arguments, cwd=ROOT):
    plugin = [] if _installed() else ["-p", "grader.plugin"]
    command = [sys.executable, "-m", "pytest", *plugin, "-p", "no:cacheprovider", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "120"}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, env=environment)


def _installed():
    from importlib.metadata import entry_points

    return any(entry.value == "grader.plugin" for entry in entry_points(group="pytest11"))


def test_one_item_per_criterion_with_a_runnable_id():
    done = run("reference/backprop_to_lenet", "--submission", "submissions/alice", "--collect-only", "-q")
    ids = [line for line in done.stdout.splitlines() if "::" in line]
    assert len([one for one in ids if one.startswith(f"{PART}::")]) == 9, done.stdout + done.stderr
    assert f"{PART}::gradients" in ids
    assert "reference/backprop_to_lenet/rubric.yaml::lenet::computes" in ids
    alone = run("--submission", "submissions/alice", f"{PART}::gradients")
    assert "1 passed" in alone.stdout, alone.stdout + alone.stderr


def test_right_work_passes():
    done = run(PART, "--submission", "submissions/alice")
    assert done.returncode == 0, done.stdout
    assert "9 passed" in done.stdout
    assert "alice: 20 of 20 points" in done.stdout
    assert "isolation:" in done.stdout


def test_wrong_work_fails_with_feedback_and_without_a_traceback():
    done = run(PART, "--submission", "submissions/bob", "-v")
    assert done.returncode == 1
    assert "PARTIAL" in done.stdout
    assert "Again:   grader run" in done.stdout
    assert "CriterionNotMet" not in done.stdout
    assert "Traceback" not in done.stdout


def test_k_and_x_work_as_ever():
    done = run(PART, "--submission", "submissions/alice", "-k", "loss or shapes")
    assert "2 passed, 7 deselected" in done.stdout
    done = run(PART, "--submission", "submissions/dave", "-x")
    assert "1 failed" in done.stdout


def test_last_failed_works(tmp_path):
    course = tmp_path / "course"
    shutil.copytree(ROOT / "reference", course / "reference")
    shutil.copytree(ROOT / "submissions", course / "submissions")
    shutil.copy(ROOT / "rubric.yaml", course)
    plugin = [] if _installed() else ["-p", "grader.plugin"]
    command = [
        sys.executable,
        "-m",
        "pytest",
        *plugin,
        PART,
        "--submission",
        "submissions/bob",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    first = subprocess.run(command, cwd=course, capture_output=True, text=True, env=environment)
    second = subprocess.run([*command, "--lf"], cwd=course, capture_output=True, text=True, env=environment)
    failed = first.stdout.splitlines()[-1].split(" failed")[0].split()[-1]
    assert f"{failed} failed" in second.stdout.splitlines()[-1]
    assert "passed" not in second.stdout.splitlines()[-1]


def test_verdicts_reach_junit(tmp_path):
    file = tmp_path / "junit.xml"
    run(PART, "--submission", "submissions/bob", f"--junitxml={file}")
    assert 'name="verdict" value="PARTIAL"' in file.read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("reference/backprop_to_lenet", "--submission", "submissions/nobody"), "nobody"),
        (("reference/backprop_to_lenet", "--submission", "submissions"), "submissions"),
    ],
)
def test_a_users_mistake_is_a_usage_error(arguments, words):
    done = run(*arguments)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert words in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_without_a_submission_rubrics_are_not_collected():
    done = run("reference/backprop_to_lenet")
    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED


def test_settings_of_the_environment_have_no_say_in_a_grading(monkeypatch, course, root, tmp_path):
    from grader.session import Job, grade

    monkeypatch.setenv("PYTEST_ADDOPTS", "-k nothing_at_all --maxfail=1")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    report = grade(course, Job(root / "submissions" / "alice", only=("backprop",)))
    assert len(report.results) == 9


def test_a_shipped_conftest_is_never_loaded(course, root, tmp_path):
    from grader.session import Job, grade

    shutil.copytree(root / "submissions" / "alice", tmp_path / "alice")
    (tmp_path / "alice" / "conftest.py").write_text(f"open({str(tmp_path / 'loaded')!r}, 'w')")
    report = grade(course, Job(tmp_path / "alice", only=("backprop",)))
    assert report.score.awarded == 20
    assert not (tmp_path / "loaded").exists()
