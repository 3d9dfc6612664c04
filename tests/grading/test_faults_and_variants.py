"""The rubric tested on itself: every known mistake costs exactly what it should, every right writing costs nothing.

This is the part without a framework; tests/frameworks has the others.
"""

import re
from pathlib import Path

import pytest

from grader.results import Verdict

ASSIGNMENTS = Path(__file__).resolve().parents[2] / "reference"


def named(pattern):
    return [pytest.param(path, id=path.stem) for path in sorted(ASSIGNMENTS.glob(pattern)) if path.name[0] not in "._"]


def fails_of(path):
    """The criteria that a fault's docstring says must fail."""
    lines = re.findall(r"^Fails: (.+)$", path.read_text(), flags=re.MULTILINE)
    assert len(lines) == 1, f"{path} must say once which criteria fail"
    return {name.strip() for name in lines[0].split(",")}


def without_framework(params):
    """Leave out what belongs to a network: a fault with a base, a variant with networks, and what variants share."""

    def is_one(path):
        return "\nBase: " not in path.read_text() if path.is_file() else (path / "submission.yaml").is_file()

    return [param for param in params if is_one(param.values[0])]


@pytest.mark.parametrize("path", without_framework(named("backprop_to_lenet/faults/*.py")))
def test_a_fault_fails_exactly_the_criteria_it_names(path, grade_file):
    report = grade_file(path)
    failed = {r.criterion_id.split(".")[1] for r in report.results if r.verdict is not Verdict.PASS}
    verdicts = {r.criterion_id: (str(r.verdict), r.private) for r in report.results}
    assert failed == fails_of(path), verdicts
    assert Verdict.GRADER_FAULT not in {r.verdict for r in report.results}, verdicts


@pytest.mark.parametrize("path", without_framework(named("backprop_to_lenet/variants/*")))
def test_a_right_writing_gets_full_marks(path, grade_file):
    report = grade_file(path)
    lost = {r.criterion_id: r.feedback for r in report.results if r.verdict is not Verdict.PASS}
    assert not lost
    assert report.score.awarded == report.score.possible


def test_the_oracle_itself_gets_full_marks(grade_file):
    report = grade_file(ASSIGNMENTS / "backprop_to_lenet" / "oracle_numpy.py")
    assert report.score.awarded == report.score.possible == 20


@pytest.mark.parametrize("seed", range(5))
def test_full_marks_do_not_depend_on_the_draw(seed, grade_file):
    report = grade_file(ASSIGNMENTS / "backprop_to_lenet" / "oracle_numpy.py", seed=seed)
    assert report.score.awarded == report.score.possible, {r.criterion_id: r.feedback for r in report.results}
