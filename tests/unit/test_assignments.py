"""What every assignment must have, looked at without grading anything."""

import ast
import re
from pathlib import Path

import nbformat
import pytest

from grader.checks.registry import KINDS
from grader.course.load import load

ROOT = Path(__file__).resolve().parents[2]
COURSE = load(ROOT, KINDS)
STARTERS = sorted(ROOT.glob("reference/*/starter/*/*"))
FAULTS = sorted(path for path in ROOT.glob("reference/*/faults/*.py") if "\nBase: " in path.read_text())


def ids(paths):
    return [str(path.relative_to(ROOT / "reference")) for path in paths]


def said(text, word):
    found = re.findall(rf"^{word}: (.+)$", text, flags=re.MULTILINE)
    return [name.strip() for line in found for name in line.split(",")]


def assignment_of(path):
    name = path.relative_to(ROOT / "reference").parts[0]
    return next(assignment for assignment in COURSE.assignments if assignment.id == name)


def names_asked_for(assignment):
    """The functions that a student writes for the parts about networks."""
    for part in assignment.parts:
        if part.models or part.plots:
            yield from (model.build for model in part.models)
            yield from (model.train for model in part.models if model.train)
            yield from (plot.name for plot in part.plots)
            yield from (function.name for function in part.functions)


@pytest.mark.parametrize("path", FAULTS, ids=ids(FAULTS))
def test_a_fault_names_its_base_and_criteria_that_exist(path):
    text, assignment = path.read_text(), assignment_of(path)
    criteria = {criterion.id for criterion in assignment.criteria}
    parts = {part.id for part in assignment.parts}
    (base,), (file,) = said(text, "Base"), said(text, "File")
    variants = assignment.folder / "variants"
    assert (variants / base).is_dir()
    assert any((variants / folder / file).is_file() for folder in (base, "common")), file
    assert said(text, "Fails")
    assert set(said(text, "Fails") + said(text, "Blocks")) <= criteria
    assert set(said(text, "Parts")) <= parts | criteria


@pytest.mark.parametrize("assignment", COURSE.assignments, ids=lambda assignment: assignment.id)
def test_an_assignment_has_faults_variants_a_handout_and_recorded_networks(assignment):
    assert len([path for path in FAULTS if assignment_of(path) is assignment]) >= 8
    assert (assignment.folder / "handout.md").stat().st_size > 2000
    assert len([path for path in (assignment.folder / "variants").iterdir() if path.is_dir()]) >= 4
    assert (assignment.folder / "recorded" / "networks.json").is_file()
    assert {path.parent.name for path in STARTERS if assignment_of(path) is assignment} == {"pytorch", "keras"}


@pytest.mark.parametrize("path", STARTERS, ids=ids(STARTERS))
def test_a_starter_has_every_function_asked_for_and_none_filled_in(path):
    if path.suffix == ".ipynb":
        notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
        nbformat.validate(notebook)
        source = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    else:
        source = path.read_text()
    source = "\n".join(line for line in source.splitlines() if not line.startswith(("%", "!")))
    functions = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    beside = path.parent.parent.glob("*.py")
    elsewhere = {node.name for file in beside for node in ast.parse(file.read_text()).body if hasattr(node, "name")}
    assert set(names_asked_for(assignment_of(path))) <= functions.keys() | elsewhere
    for name in names_asked_for(assignment_of(path)):
        if name in functions:
            assert "NotImplementedError" in ast.dump(functions[name]), name
