"""The rubrics of networks tested on themselves: a known mistake costs exactly what it should, right work nothing.

A variant is a folder with a whole, right submission. A fault is a file of definitions that replace a variant's:
its docstring says which (``Base: torch``), in which file (``File: networks.py``), and which criteria must then fail
(``Fails: lenet.layers, lenet.parameters``). ``Blocks:`` lists those that cannot be looked at because of these.
``Parts:`` names the parts that a fault can touch, and only these are graded.

All of it takes the better part of an hour. So a few of each assignment are graded, unless all are asked for:

    GRADER_ALL=1 pytest tests/frameworks/test_faults_and_variants.py

Whoever changes a rubric, a check or a fault runs that with ``-k`` and the assignment's name.
"""

import os
import re
import shutil
from collections import defaultdict
from pathlib import Path

import pytest

from grader.results import Verdict
from grader.session import Job, grade

pytest.importorskip("torch")
pytest.importorskip("keras")

NEED_WEIGHTS = ("accuracy", "metric", "training")
REFERENCE = Path(__file__).resolve().parents[2] / "reference"


def named(pattern):
    paths = sorted(path for path in REFERENCE.glob(pattern) if path.name[0] not in "._")
    return [pytest.param(path, id=f"{path.relative_to(REFERENCE).parts[0]}-{path.stem}") for path in paths]


def said(text, word):
    found = re.findall(rf"^{word}: (.+)$", text, flags=re.MULTILINE)
    return [name.strip() for line in found for name in line.split(",")]


def sampled(params, count):
    """Return ``count`` of each assignment, evenly spread over the names, or all."""
    if os.environ.get("GRADER_ALL"):
        return params
    by_assignment = defaultdict(list)
    for param in params:
        by_assignment[param.values[0].parents[1].name].append(param)
    return [
        found[len(found) * number // min(count, len(found))]
        for found in by_assignment.values()
        for number in range(min(count, len(found)))
    ]


def network_faults():
    return [param for param in named("*/faults/*.py") if said(param.values[0].read_text(), "Base")]


def network_variants():
    return [
        param
        for param in named("*/variants/*")
        if (param.values[0] / "networks.py").is_file() or list(param.values[0].glob("*.ipynb"))
    ]


def hand_in(variant, to):
    """Copy a variant, after what all variants share; a notebook has its own functions and answers."""
    folder = to / "somebody"
    shared = [] if list(variant.glob("*.ipynb")) else [variant.parent / "common"]
    for source in (*shared, variant):
        if source.is_dir():
            shutil.copytree(source, folder, dirs_exist_ok=True)
    return folder


def verdicts(report):
    return {r.criterion_id: (str(r.verdict), r.feedback.summary, r.private) for r in report.results}


@pytest.mark.parametrize("path", sampled(network_faults(), 4))
def test_a_fault_fails_exactly_the_criteria_it_names(path, course, tmp_path):
    text, assignment = path.read_text(), path.parents[1]
    base, file = said(text, "Base")[0], said(text, "File")[0]
    folder = hand_in(assignment / "variants" / base, tmp_path)
    with (folder / file).open("a") as target:
        target.write(f"\n\n{text}")
    report = grade(course, Job(folder, assignment=assignment.name, only=tuple(said(text, "Parts"))))
    excused = excused_criteria(course, assignment.name, folder)
    lost = {r.criterion_id for r in report.results if r.verdict not in (Verdict.PASS, Verdict.BLOCKED)} - excused
    blocked = {r.criterion_id for r in report.results if r.verdict is Verdict.BLOCKED}
    assert lost == set(said(text, "Fails")), verdicts(report)
    assert blocked == set(said(text, "Blocks")), verdicts(report)
    assert Verdict.GRADER_FAULT not in {r.verdict for r in report.results}, verdicts(report)


@pytest.mark.parametrize("path", sampled(network_variants(), 2))
def test_a_right_writing_gets_full_marks(path, course, tmp_path):
    folder = hand_in(path, tmp_path)
    report = grade(course, Job(folder, assignment=path.parents[1].name))
    excused = excused_criteria(course, path.parents[1].name, folder)
    wrong = {key: value for key, value in verdicts(report).items() if value[0] != "PASS" and key not in excused}
    assert not wrong
    for result in report.results:
        if result.criterion_id in excused:
            assert result.verdict in (Verdict.PASS, Verdict.NEEDS_REVIEW, Verdict.MISSING), result


def excused_criteria(course, name, folder):
    assignment = next(a for a in course.assignments if a.id == name)
    return {criterion.id for criterion in assignment.criteria if is_excused(criterion, folder)}


def is_excused(criterion, folder):
    """Whether right work may lack points here: an answer that a person reads, or trained weights not handed in.

    Weights are too large to keep for every variant; submissions/ has students with theirs.
    """
    by_person = criterion.kind == "text" and criterion.options.graded_by == "a person"
    return by_person or (criterion.kind in NEED_WEIGHTS and not (folder / "weights").is_dir())
