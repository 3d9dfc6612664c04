"""A copy of one assignment of a course: whole, without what students do not see, or without any reference."""

import shutil
from collections.abc import Callable, Collection
from enum import StrEnum
from pathlib import Path

from yaml.nodes import MappingNode, Node

from grader.checks.registry import KINDS
from grader.course.errors import RubricErrors
from grader.course.load import RUBRIC, load
from grader.course.model import Assignment, Course, Criterion
from grader.export import nodes
from grader.export.errors import ExportError
from grader.export.functions import stub_of, without_functions
from grader.grading.seeds import SECRET_FILE
from grader.results import Visibility

NEEDS_NO_REFERENCE = frozenset(["comments", "imports", "text"])
"""The kinds of checks that read the submission and compare it at most with what students were given."""

_NEVER_COPIED = ("__pycache__", "faults", "variants", ".*")
_GIVEN = ("handout.md", "starter")
"""What students have. Some checks take it off what they hand in."""
_PRACTICE_KEYS = frozenset(["id", "title", "functions", "oracle", "criteria", "files", "imports", "feedback", "limits"])


class Extent(StrEnum):
    """How much of an assignment a copy has."""

    WHOLE = "whole"
    """Everything that grades it, the course's secret included."""
    PUBLIC = "public"
    """Without the criteria that students do not always see, and the case functions that only those draw from."""
    PRACTICE = "practice"
    """Without references and cases: only criteria that are always seen and need neither."""


def copy_course(course: Course, assignment: Assignment, into: Path, extent: Extent) -> Course:
    """Copy a course with this one assignment into the new folder ``into``, and return it as it loads from there.

    Raises:
        ExportError: nothing would be left to grade, or the copy is not a course any more.
    """
    kept = _kept(assignment, extent)
    if not kept:
        raise ExportError(
            f"{assignment.id} has no criterion for a {extent} bundle; criteria that need no reference are those of the "
            f"kinds {', '.join(sorted(NEEDS_NO_REFERENCE))}, and 'visible: always' is what students always see"
        )
    folder = into / assignment.folder.relative_to(course.root)
    into.mkdir(parents=True)
    _write_course_rubric(course, assignment, into)
    if extent is Extent.PRACTICE:
        folder.mkdir(parents=True)
        _copy_given(assignment, folder)
        _write_stubs(assignment, folder, kept)
    else:
        shutil.copytree(assignment.folder, folder, ignore=shutil.ignore_patterns(*_NEVER_COPIED))
    if extent is Extent.PUBLIC:
        _cut_cases(assignment, folder, kept)
    if extent is Extent.WHOLE:
        if (course.root / SECRET_FILE).is_file():
            shutil.copy(course.root / SECRET_FILE, into)
    else:
        _write_rubric(assignment, folder / RUBRIC, kept, extent)
    return _checked(into, kept)


def _kept(assignment: Assignment, extent: Extent) -> dict[str, Criterion]:
    kept = assignment.criteria
    if extent is not Extent.WHOLE:
        kept = tuple(criterion for criterion in kept if criterion.visibility is Visibility.VISIBLE)
    if extent is Extent.PRACTICE:
        kept = tuple(criterion for criterion in kept if criterion.kind in NEEDS_NO_REFERENCE)
    return {criterion.id: criterion for criterion in kept}


def _checked(root: Path, kept: Collection[str]) -> Course:
    try:
        copy = load(root, KINDS)
    except RubricErrors as error:
        raise ExportError(f"the rubric does not stand without the parts that were cut:\n{error}") from None
    found = [criterion.id for assignment in copy.assignments for criterion in assignment.criteria]
    if found != list(kept):
        raise ExportError(f"the copy would have the criteria {', '.join(found)} instead of {', '.join(kept)}")
    return copy


def _write_course_rubric(course: Course, assignment: Assignment, into: Path) -> None:
    rubric = nodes.parse((course.root / RUBRIC).read_text(encoding="utf-8-sig"))
    nodes.set_texts(rubric, "include", [assignment.rubric.relative_to(course.root).as_posix()])
    nodes.keep_keys(nodes.value(rubric, "weights"), lambda name: name == assignment.id)
    (into / RUBRIC).write_text(nodes.text_of(rubric), encoding="utf-8")


def _write_rubric(assignment: Assignment, path: Path, kept: Collection[str], extent: Extent) -> None:
    rubric = nodes.parse(assignment.rubric.read_text(encoding="utf-8-sig"))
    for part in nodes.items(rubric, "parts"):
        part_id = nodes.scalar(part, "id")
        nodes.keep_items(part, "criteria", _is_kept(part_id, kept))
        for criterion in nodes.items(part, "criteria"):
            nodes.keep_items(criterion, "needs", _is_known(part_id, kept))
        if extent is Extent.PRACTICE:
            nodes.keep_keys(part, _PRACTICE_KEYS.__contains__)
    nodes.keep_items(rubric, "parts", lambda part: bool(nodes.items(part, "criteria")))
    if extent is Extent.PRACTICE:
        nodes.keep_keys(rubric, {"assignment", "parts", "due", "late", "feedback", "limits"}.__contains__)
    path.write_text(nodes.text_of(rubric), encoding="utf-8")


def _is_kept(part_id: str, kept: Collection[str]) -> Callable[[Node], bool]:
    return lambda criterion: f"{part_id}.{nodes.scalar(criterion, 'id')}" in kept


def _is_known(part_id: str, kept: Collection[str]) -> Callable[[Node], bool]:
    return lambda need: not isinstance(need, MappingNode) and (need.value in kept or f"{part_id}.{need.value}" in kept)


def _cut_cases(assignment: Assignment, folder: Path, kept: Collection[str]) -> None:
    """Take out of the cases files the functions that only criteria draw from which are not kept."""
    for name in {part.cases_file for part in assignment.parts}:
        path = folder / name
        drawn: dict[bool, set[str]] = {True: set(), False: set()}
        for part in assignment.parts:
            for criterion in part.criteria if part.cases_file == name else ():
                drawn[criterion.id in kept].update(plan.name for plan in criterion.cases)
        if path.is_file():
            source = path.read_text(encoding="utf-8-sig")
            path.write_text(without_functions(source, drawn[False] - drawn[True]), encoding="utf-8")


def _copy_given(assignment: Assignment, folder: Path) -> None:
    for name in _GIVEN:
        source = assignment.folder / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns(*_NEVER_COPIED))
        elif source.is_file():
            shutil.copy(source, folder / name)


def _write_stubs(assignment: Assignment, folder: Path, kept: Collection[str]) -> None:
    """Write in place of each reference a file that defines its functions and computes nothing."""
    by_file: dict[str, set[str]] = {}
    for part in assignment.parts:
        if part.oracle and any(criterion.id in kept for criterion in part.criteria):
            by_file.setdefault(part.oracle, set()).update(function.name for function in part.functions)
    for name, functions in by_file.items():
        (folder / name).write_text(stub_of(sorted(functions)), encoding="utf-8")
