"""Reads the rubric of one assignment."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from grader.course.convert import read
from grader.course.criterion import (
    Draft,
    Folder,
    Inherited,
    Kinds,
    Reading,
    check_options,
    take_cases,
    take_criterion,
    take_identifier,
    take_title,
)
from grader.course.entries import LateEntry, take_functions, take_models, take_plots
from grader.course.errors import Problems, did_you_mean
from grader.course.fields import Fields
from grader.course.model import Assignment, FunctionSpec, LatePolicy, Part, Source
from grader.course.needs import Wanted, resolve_needs
from grader.course.units import moment
from grader.course.yaml_source import Node, read_yaml
from grader.recording.events import ReplayMode


class CourseWide(msgspec.Struct, frozen=True):
    """What a course says for all of its assignments."""

    inherited: Inherited = Inherited()
    late: LatePolicy = LatePolicy()


def read_assignment(path: Path, root: Path, course: CourseWide, kinds: Kinds, problems: Problems) -> Assignment | None:
    """Read the rubric at ``path``, a file under the course's ``root``.

    Every mistake is added to ``problems``; while there are any, what is returned is good for nothing but finding more.
    """
    shown = path.relative_to(root).as_posix()
    node = read_yaml(path, shown, problems)
    if node is None:
        return None
    before = len(problems)
    fields = Fields(node, f"assignment '{path.parent.name}'", problems)
    title = take_title(fields, "assignment")
    due_node = fields.take("due")
    due = None if due_node is None else read(due_node, moment, f"'due' in {fields.what}", problems)
    late: LateEntry = fields.optional("late", LateEntry, LateEntry())
    replay: ReplayMode = fields.optional("replay", ReplayMode, "none")
    inherited = course.inherited.at(fields, "assignment")
    folder = Folder(path.parent, root, problems)
    reading = Reading(folder, kinds, problems, has_due_date=due_node is not None)
    readers = [_PartReader(part, number, inherited, reading) for number, part in enumerate(_items(fields, "parts"), 1)]
    fields.close()
    _report_twice([(reader.fields, reader.id) for reader in readers], "part", problems)
    wanted = [Wanted(draft.criterion.id, draft.needs) for reader in readers for draft in reader.drafts]
    needs = resolve_needs(wanted, problems)
    assignment = Assignment(
        id=path.parent.name,
        title=title,
        folder=path.parent,
        rubric=path,
        parts=tuple(reader.part(needs) for reader in readers),
        due=due,
        late=late.over(course.late),
        replay=replay,
    )
    if len(problems) == before and sum(part.points for part in assignment.parts) == 0:
        problems.add(node.source, f"{fields.what} is worth 0 points in all", "give a criterion points")
    return assignment


class _PartReader:
    """Reads one part; :meth:`part` makes it whole once the needs of the assignment are resolved."""

    def __init__(self, node: Node, number: int, inherited: Inherited, reading: Reading) -> None:
        self.problems = problems = reading.problems
        folder = reading.folder
        self.fields = fields = Fields(node, f"part {number}", problems)
        self.id = take_identifier(fields, f"part_{number}")
        if fields.has("id"):
            fields.what = f"part '{self.id}'"
        before = len(problems)
        self.title = take_title(fields, "title", self.id)
        self.files = self._words("files", "must be a plain file name", lambda word: Path(word).name == word)
        self.imports = self._words("imports", "must be a top-level module, without dots", str.isidentifier)
        self.functions = take_functions(fields)
        self.models = take_models(fields)
        self.plots = take_plots(fields)
        self.oracle = self._take_oracle(folder, self.functions) if self.functions or fields.has("oracle") else ""
        self.cases_file = fields.optional("cases_file", str, "cases.py")
        if fields.has("cases_file"):
            folder.names_of(self.cases_file, fields.source("cases_file"), f"'cases_file' in {fields.what}")
        here = inherited.at(fields, "part")
        cases = take_cases(fields, folder, self.cases_file, inherited.cases)
        here = msgspec.structs.replace(here, cases=cases)
        self._is_clean = len(problems) == before
        self.drafts: list[Draft] = [
            take_criterion(criterion, position, self.id, self.cases_file, here, reading)
            for position, criterion in enumerate(_items(fields, "criteria"), 1)
        ]
        fields.close()
        _report_twice(
            [(draft.fields, draft.criterion.id.partition(".")[2]) for draft in self.drafts], "criterion", problems
        )

    def part(self, needs: dict[str, tuple[str, ...]]) -> Part:
        """Return the part, its criteria with their ``needs``, after checking every criterion's options against it."""
        part = Part(
            id=self.id,
            title=self.title,
            functions=self.functions,
            oracle=self.oracle,
            criteria=tuple(
                msgspec.structs.replace(draft.criterion, needs=needs[draft.criterion.id]) for draft in self.drafts
            ),
            source=self.fields.node.source,
            cases_file=self.cases_file,
            files=self.files or (),
            imports=self.imports,
            models=self.models,
            plots=self.plots,
        )
        for draft in self.drafts:
            if draft.clean and self._is_clean:
                check_options(draft, part, self.problems)
        return part

    def _words(self, key: str, rule: str, is_valid: Callable[[str], bool]) -> tuple[str, ...] | None:
        if not self.fields.has(key):
            return None
        nodes = self.fields.names(key)
        for node in nodes:
            if not is_valid(node.written):
                what = f"an entry of '{key}' in {self.fields.what}"
                self.problems.add(node.source, f"{what} {rule}, not '{node.written}'")
        return tuple(node.written for node in nodes)

    def _take_oracle(self, folder: Folder, functions: tuple[FunctionSpec, ...]) -> str:
        fields = self.fields
        oracle = fields.required("oracle", str, "")
        if not oracle:
            return oracle
        source = fields.source("oracle")
        names = folder.names_of(oracle, source, f"'oracle' in {fields.what}")
        if names is None:
            return oracle
        for function in functions:
            if not names.has(function.name):
                self.problems.add(
                    source,
                    f"{folder.shown(oracle)} does not define '{function.name}', which {fields.what} asks for",
                    did_you_mean(function.name, names.functions),
                )
        return oracle


def _items(fields: Fields, key: str) -> tuple[Node, ...]:
    """Return the entries of a list of mappings that must not be empty."""
    node = fields.take(key)
    if node is None:
        if isinstance(fields.node.content, dict):
            fields.problems.add(fields.node.source, f"{fields.what} has no '{key}'")
        return ()
    if not isinstance(node.content, tuple):
        if node.content is None:
            fields.problems.add(node.source, f"'{key}' in {fields.what} is empty", "add at least one entry")
        else:
            fields.problems.add(node.source, f"'{key}' in {fields.what} must be a list, not {node.describe()}")
        return ()
    if not node.content:
        fields.problems.add(node.source, f"'{key}' in {fields.what} is empty", "add at least one entry")
    return node.content


def _report_twice(found: "list[tuple[Fields, str]]", noun: str, problems: Problems) -> None:
    first: dict[str, Source] = {}
    for fields, name in found:
        if name in first and fields.has("id"):
            problems.add(
                fields.source("id"), f"the {noun} id '{name}' is there twice (first in line {first[name].line})",
                "ids must differ",
            )  # fmt: skip
        first.setdefault(name, fields.source("id"))
