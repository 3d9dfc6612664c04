"""``grader run --replay`` and ``replay:`` in a rubric, as a user calls them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.small_course import write_course

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-c", "from grader.cli.main import main; main()")
NOTEBOOK = {
    "cells": [
        {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": source}
        for source in ("import numpy as np\nnp.random.seed(4)", "print(missing)", "print('the end')")
    ],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 4,
}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = write_course(tmp_path_factory.mktemp("course"))
    submission = folder / "submissions" / "somebody"
    submission.mkdir(parents=True)
    (submission / "backprop.ipynb").write_text(json.dumps(NOTEBOOK))
    return folder


@pytest.fixture
def grader(course):
    def run(*arguments):
        environment = {**os.environ, "COLUMNS": "100", "PYTHONPATH": str(ROOT)}
        command = [*COMMAND, "run", "submissions/somebody", "--assignment", "backprop_to_lenet", *arguments]
        return subprocess.run(command, cwd=course, capture_output=True, text=True, timeout=120, env=environment)

    return run


def recordings(done):
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return json.loads(done.stdout)["reports"][0]["recordings"]


def test_nothing_is_replayed_unless_somebody_asks(grader):
    assert recordings(grader("--format", "json")) == []


def test_the_command_line_asks(grader):
    (recording,) = recordings(grader("--replay", "quick", "--format", "json"))
    assert (recording["path"], recording["mode"]) == ("backprop.ipynb", "quick")
    assert [cell["status"] for cell in recording["cells"]] == ["ran", "failed", "ran"]
    (seeded,) = recording["cells"][0]["events"]
    assert (seeded["event"], seeded["what"], seeded["value"], seeded["line"]) == ("seeded", "numpy", "4", 2)
    assert recording["cells"][2]["printed"] == "the end\n"


def test_a_terminal_shows_what_failed(grader):
    done = grader("--replay", "definitions")
    assert "backprop.ipynb: 2 of 3 code cells ran (definitions), observed" in done.stdout
    assert "cell 2, line 1: NameError: name 'missing' is not defined" in done.stdout


def test_chosen_criteria_that_do_not_ask_are_not_kept_waiting(grader):
    assert recordings(grader("--replay", "quick", "--only", "backprop", "--format", "json")) == []


def test_a_rubric_asks_and_the_command_line_goes_before_it(grader, course):
    rubric = course / "reference" / "backprop_to_lenet" / "rubric.yaml"
    before = rubric.read_text()
    try:
        rubric.write_text(f"replay: quick\n{before}")
        assert len(recordings(grader("--format", "json"))) == 1
        assert recordings(grader("--replay", "none", "--format", "json")) == []
        rubric.write_text(f"replay: fast\n{before}")
        done = grader()
        assert done.returncode == 2
        assert "rubric.yaml:1: 'replay' in assignment 'backprop_to_lenet'" in done.stderr
    finally:
        rubric.write_text(before)
