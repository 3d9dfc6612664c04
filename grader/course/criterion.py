"""Reads one criterion of a rubric."""

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec

from grader.course.convert import convert_struct, fields_of, read
from grader.course.entries import LimitsEntry, take_limits
from grader.course.errors import Problems, did_you_mean
from grader.course.fields import Fields
from grader.course.model import CasePlan, Criterion, Part, Source
from grader.course.names import Names, names_of
from grader.course.units import case_plan
from grader.course.yaml_source import Node
from grader.results import FeedbackLevel, Visibility

Kinds = Mapping[str, type[msgspec.Struct]]
"""A check's name and the struct of its options."""

MAX_POINTS = 1_000_000
Points = Annotated[float, msgspec.Meta(ge=0, le=MAX_POINTS)]

_ID = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


class Visible(StrEnum):
    """The words after ``visible:``."""

    ALWAYS = "always"
    AFTER_DUE_DATE = "after due date"
    NEVER = "never"


VISIBILITY = {
    Visible.ALWAYS: Visibility.VISIBLE,
    Visible.AFTER_DUE_DATE: Visibility.AFTER_DUE_DATE,
    Visible.NEVER: Visibility.HIDDEN,
}


class Inherited(msgspec.Struct, frozen=True):
    """What holds where a level of the rubric says nothing itself."""

    feedback: FeedbackLevel = FeedbackLevel.DIAGNOSIS
    limits: LimitsEntry = LimitsEntry()
    cases: tuple[CasePlan, ...] = ()

    def at(self, fields: Fields, level: str) -> "Inherited":
        """Return what holds inside the level whose entries are ``fields``; see :func:`take_limits` for ``level``."""
        return Inherited(
            feedback=fields.optional("feedback", FeedbackLevel, self.feedback),
            limits=take_limits(fields, self.limits, level),
            cases=self.cases,
        )


class Folder:
    """An assignment's folder: which files it has and which names they define. Each file is read once."""

    def __init__(self, path: Path, root: Path, problems: Problems) -> None:
        self.path = path
        self._root = root
        self._problems = problems
        self._names: dict[str, Names | None] = {}

    def shown(self, name: str) -> str:
        """Return a file's path in messages, relative to the course root."""
        return (self.path / name).relative_to(self._root).as_posix()

    def names_of(self, name: str, source: Source, what: str) -> Names | None:
        """Return the names a file defines, or ``None`` after reporting why there are none."""
        if name not in self._names:
            self._names[name] = None
            if not name or Path(name).name != name or "\0" in name:
                self._problems.add(
                    source, f"{what} must be the name of a file in the assignment's folder, not '{name}'"
                )
            elif not (self.path / name).is_file():
                found = [entry.name for entry in self.path.glob("*.py")]
                self._problems.add(
                    source, f"{what} is '{name}', but there is no {self.shown(name)}", did_you_mean(name, sorted(found))
                )
            else:
                self._names[name] = names_of(self.path / name, self.shown(name), self._problems)
        return self._names[name]


class Reading(msgspec.Struct, frozen=True):
    """What is the same for a whole assignment while its rubric is read."""

    folder: Folder
    kinds: Kinds
    problems: Problems
    has_due_date: bool


class Draft(msgspec.Struct, frozen=True):
    """A criterion whose ``needs`` are not resolved yet. ``clean`` says that no mistake was found in it so far."""

    criterion: Criterion
    needs: tuple[Node, ...]
    fields: Fields
    clean: bool


def take_identifier(fields: Fields, stand_in: str) -> str:
    """Return the ``id`` of a part or criterion: lower-case letters, digits and ``_``, starting with a letter."""
    node = fields.take("id")
    if node is None:
        if isinstance(fields.node.content, dict):
            fields.problems.add(fields.node.source, f"{fields.what} has no 'id'")
        return stand_in
    if not (isinstance(node.content, str) and _ID.fullmatch(node.content)):
        fields.problems.add(
            node.source,
            f"'id' in {fields.what} must be lower-case letters, digits and _, starting with a letter, "
            f"not {node.describe()}",
        )
    # kept even if it is wrong: what refers to it is not a second mistake
    return node.written or stand_in


def take_title(fields: Fields, key: str, default: str | None = None) -> str:
    """Return a title; with a ``default`` it may be left out. A title is one line of text."""
    if default is None or fields.has(key):
        title = " ".join(fields.required(key, str, "-").split())
        if not title:
            fields.problems.add(fields.source(key), f"'{key}' in {fields.what} is empty", "write a title")
        return title
    return default


def take_cases(fields: Fields, folder: Folder, cases_file: str, default: tuple[CasePlan, ...]) -> tuple[CasePlan, ...]:
    """Return the cases written here, each a function of the cases file, or ``default`` if there are none."""
    if not fields.has("cases"):
        return default
    plans = []
    for node in fields.names("cases"):
        plan = read(node, case_plan, f"an entry of 'cases' in {fields.what}", fields.problems)
        if plan is None:
            continue
        plans.append(plan)
        names = folder.names_of(cases_file, node.source, "the file of cases")
        if names is not None and not names.has(plan.name):
            fields.problems.add(
                node.source,
                f"{folder.shown(cases_file)} defines no case '{plan.name}'",
                did_you_mean(plan.name, names.functions),
            )
    return tuple(plans)


def take_criterion(
    node: Node, number: int, part_id: str, cases_file: str, inherited: Inherited, reading: Reading
) -> Draft:
    """Read the ``number``-th criterion of a part, counted from 1."""
    problems = reading.problems
    before = len(problems)
    fields = Fields(node, f"criterion {number} of part '{part_id}'", problems)
    criterion_id = take_identifier(fields, f"criterion_{number}")
    if fields.has("id"):
        fields.what = f"criterion '{criterion_id}'"
    title = take_title(fields, "title")
    points: float = fields.required("points", Points, 0.0)
    kind = fields.required("check", str, "")
    needs = tuple(fields.names("needs"))
    cases = take_cases(fields, reading.folder, cases_file, inherited.cases)
    visible = fields.optional("visible", Visible, Visible.ALWAYS)
    if visible is Visible.AFTER_DUE_DATE and not reading.has_due_date:
        problems.add(
            fields.source("visible"), f"{fields.what} is visible after the due date, but the assignment has no 'due'"
        )
    here = inherited.at(fields, "criterion")
    criterion = Criterion(
        id=f"{part_id}.{criterion_id}",
        title=title,
        kind=kind,
        points=points,
        options=_take_options(fields, kind, reading.kinds),
        source=node.source,
        cases=cases,
        feedback=here.feedback,
        visibility=VISIBILITY[visible],
        limits=here.limits.resolved(),
    )
    return Draft(criterion, needs, fields, len(problems) == before)


def _take_options(fields: Fields, kind: str, kinds: Kinds) -> Any:
    """Return the options of a criterion's check: all entries that are not common to every criterion."""
    own = fields.untaken()
    if kind in kinds:
        return convert_struct(own, kinds[kind], fields.node, fields.what, fields.problems, fields.known)
    if kind:
        fields.problems.add(
            fields.source("check"), f"unknown check '{kind}' in {fields.what}", did_you_mean(kind, kinds)
        )
    # which options belong here is unknown, so only what no check has is a mistake
    every_option = {name for options in kinds.values() for name in fields_of(options)}
    for key, node in own.items():
        if key not in every_option:
            hint = did_you_mean(key, [*fields.known, *sorted(every_option)])
            fields.problems.add(node.source, f"unknown key '{key}' in {fields.what}", hint)
    return None


def check_options(draft: Draft, part: Part, problems: Problems) -> None:
    """Report what is wrong with a criterion's options in view of the whole part.

    What there is to check, the options know themselves: their optional method ``problems(*, points, part)`` yields
    pairs of a key and a message. Common to all checks is that a function returns nothing without a case: where ``of``
    names returned values, there are some.
    """
    options, fields = draft.criterion.options, draft.fields
    if hasattr(options, "problems"):
        for key, message in options.problems(points=draft.criterion.points, part=part):
            key, _, inner = key.partition(".")
            place = f"'{key}' in {fields.what}" if key else fields.what
            problems.add(fields.inner_source(key, inner), f"{place}: {message}")
    named = getattr(options, "of", ())
    returned = {value for function in part.functions for value in function.returns}
    if returned.intersection((named,) if isinstance(named, str) else named) and not draft.criterion.cases:
        problems.add(
            fields.node.source,
            f"{fields.what} checks what functions return, but has no cases to call them with",
            f"name functions of {part.cases_file} in 'cases' of the criterion or of its part",
        )
