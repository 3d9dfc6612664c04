"""Reads a submission's sources and notebooks without running them, before anything of the student's has run.

What a function needs is followed from name to name: its helpers, the module-level variables they read, its decorators
and defaults, and the files of the submission that any of these import.
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple

from grader.sandbox.wire import Definition, Evasion, Import, Problem, Reading, SourceFacts
from grader.sandbox.worker import evasions
from grader.sandbox.worker.names import ImportNode, Outline, Unit, split
from grader.sandbox.worker.notebook import read_cells
from grader.sandbox.worker.source import MAX_NAME, UnreadableSourceError, clip, decode, is_taken, parse, quote_line

MAX_FACTS_CHARACTERS = 2**20
"""What the facts of all files together may take: an honest submission needs a hundredth of it, and a frame of the wire
holds four times as much."""


class _File(NamedTuple):
    """One readable file: its texts and units, by cell number (``None`` without cells) and by unit number."""

    path: str
    texts: dict[int | None, str]
    units: dict[int, Unit]
    outline: Outline
    aliases: dict[str, str]
    own_names: frozenset[str]
    problem: Problem | None

    def runs_when_loaded(self, unit: Unit) -> bool:
        """Whether loading the file runs ``unit``: what stands under ``if __name__ == "__main__"`` is not run."""
        return not unit.is_main_only or "__name__" in self.own_names


class _Step(NamedTuple):
    """A unit of one of the files, by its path and number."""

    path: str
    number: int


def read(root: Path, paths: tuple[str, ...]) -> Reading:
    """Return the facts of each of ``paths`` (relative to ``root``, ``.py`` or ``.ipynb``), in order.

    A file that cannot be read has a ``problem`` and no facts; a notebook's cell that cannot be read gives the notebook
    a ``problem``, and its other cells still give facts. Cells are numbered from 1, text cells included.

    Raises:
        OSError: a path was not delivered.
    """
    files: dict[str, _File] = {}
    problems: dict[str, Problem] = {}
    for path in paths:
        try:
            files[path] = _read_file(path, (root / path).read_bytes())
        except UnreadableSourceError as error:
            problems[path] = error.problem
    survey = _Survey(root, files)
    sources = []
    room = MAX_FACTS_CHARACTERS
    for path in paths:
        facts = SourceFacts(path, problem=problems[path]) if path in problems else survey.facts(files[path])
        room -= _size(facts)
        if room < 0:
            facts = SourceFacts(path, problem=Problem("it has more definitions and imports than are read"))
        sources.append(facts)
    return Reading(tuple(sources))


def _read_file(path: str, data: bytes) -> _File:
    texts: dict[int | None, str] = {}
    units: list[Unit] = []
    problem: Problem | None = None
    if path.endswith(".ipynb"):
        for cell in read_cells(data):
            texts[cell.number] = cell.text
            problem = problem or cell.problem
            if cell.tree is not None:
                units += split(cell.tree, cell.number, len(units))
        units = [unit for unit in units if unit.runs_in_notebook]
    elif path.endswith(".py"):
        texts[None] = decode(data)
        units = split(parse(texts[None]))
    else:
        raise UnreadableSourceError(Problem("it is neither a .py file nor a notebook (.ipynb)"))
    return _File(
        path,
        texts,
        {unit.number: unit for unit in units},
        Outline(units),
        evasions.module_aliases(units),
        frozenset(name for unit in units for name in unit.binds),
        problem,
    )


def _size(facts: SourceFacts) -> int:
    definitions = sum(len(d.name) + 20 for d in facts.definitions)
    uses: tuple[Import | Evasion, ...] = (*facts.imports, *facts.evasions)
    return definitions + sum(len(u.quote) + 100 + sum(len(name) + 5 for name in u.needed_by) for u in uses)


def _definitions(file: _File) -> tuple[Definition, ...]:
    last: dict[str, Definition] = {}
    for unit in file.units.values():
        if not file.runs_when_loaded(unit):
            continue
        for name, line in unit.binds.items():
            last.pop(name, None)
            last[name] = Definition(clip(name, MAX_NAME), _kind(unit), line, unit.cell)
    return tuple(last.values())


def _kind(unit: Unit) -> Literal["function", "class", "variable", "import"]:
    match unit.statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return "function"
        case ast.ClassDef():
            return "class"
        case ast.Import() | ast.ImportFrom():
            return "import"
        case _:
            return "variable"


class _Survey:
    """What each file's definitions need, followed across the files of the submission."""

    def __init__(self, root: Path, files: Mapping[str, _File]) -> None:
        self._root = root
        self._files = files

    def facts(self, file: _File) -> SourceFacts:
        definitions = _definitions(file)
        names = tuple(definition.name for definition in definitions if definition.kind != "import")
        needed_by: dict[_Step, list[str]] = defaultdict(list)
        for name in names:
            for step in self._needed_for(file, name):
                needed_by[step].append(name)
        imports: list[Import] = []
        uses: list[Evasion] = []
        for number, unit in file.units.items():
            users = tuple(needed_by.pop(_Step(file.path, number), ()))
            imports += self._imports(file, unit, users)
            # code that runs when the file is loaded can change any of its functions
            reach = names if None in file.texts and file.runs_when_loaded(unit) else users
            uses += _evasions(file, unit, users, reach)
        for step in sorted(needed_by):
            owner, users = self._files[step.path], tuple(needed_by[step])
            imports += self._imports(owner, owner.units[step.number], users, elsewhere=owner.path)
            uses += _evasions(owner, owner.units[step.number], users, users, elsewhere=owner.path)
        return SourceFacts(file.path, definitions, tuple(imports), tuple(uses), file.problem)

    def _imports(self, file: _File, unit: Unit, users: tuple[str, ...], elsewhere: str = "") -> Iterator[Import]:
        for statement in unit.imports:
            for module in _imported(statement):
                targets = self._own_files(file.path, module)
                is_own = bool(targets) or module.level > 0
                yield Import(
                    module=clip(module.top, MAX_NAME),
                    line=statement.lineno,
                    cell=unit.cell,
                    quote=quote_line(file.texts[unit.cell], statement.lineno),
                    needed_by=users,
                    standard=not is_own and module.top in sys.stdlib_module_names,
                    own=is_own,
                    path=elsewhere,
                )

    def _needed_for(self, file: _File, name: str) -> set[_Step]:
        found: set[_Step] = set()
        waiting = [(file, unit) for unit in file.outline.binders(name)]
        while waiting:
            owner, unit = waiting.pop()
            step = _Step(owner.path, unit.number)
            if step in found:
                continue
            found.add(step)
            waiting += [(owner, needed) for needed in owner.outline.needs(unit)]
            for statement in unit.imports:
                for module in _imported(statement):
                    for target in self._own_files(owner.path, module):
                        waiting += [(target, needed) for needed in _used_of(target, module)]
        return found

    def _own_files(self, importer: str, module: "_Module") -> list[_File]:
        """Return the files of the submission that importing ``module`` from the file ``importer`` runs."""
        folder = PurePosixPath(importer).parent
        if module.level:
            bases = [folder.parents[module.level - 2] if 1 < module.level <= len(folder.parents) + 1 else folder]
        elif is_taken(module.top, self._root):
            return []
        else:
            bases = [folder, PurePosixPath()]
        for base in bases:
            found = []
            for depth in range(1, len(module.dotted) + 1):
                found += self._at(base.joinpath(*module.dotted[:depth]))
            for name in module.names:
                found += self._at(base.joinpath(*module.dotted, name))
            if found:
                return found
        return []

    def _at(self, place: PurePosixPath) -> list[_File]:
        return [self._files[path] for path in (f"{place}.py", str(place / "__init__.py")) if path in self._files]


class _Module(NamedTuple):
    """A module as an import statement writes it. ``names`` are what is taken from it, none for all of it."""

    top: str
    dotted: tuple[str, ...]
    level: int
    names: tuple[str, ...]


def _imported(statement: ImportNode) -> list[_Module]:
    if isinstance(statement, ast.Import):
        dotted = [tuple(alias.name.split(".")) for alias in statement.names]
        return [_Module(parts[0], parts, 0, ()) for parts in dotted]
    names = tuple(alias.name for alias in statement.names if alias.name != "*")
    if statement.module is None:
        return [_Module(alias.name, (alias.name,), statement.level, ()) for alias in statement.names]
    parts = tuple(statement.module.split("."))
    return [] if parts == ("__future__",) else [_Module(parts[0], parts, statement.level, names)]


def _used_of(target: _File, module: _Module) -> list[Unit]:
    """Return the units of ``target`` that matter to somebody who imports ``module``: what runs on import, and of its
    functions and classes those that are named."""
    units = [unit for unit in target.units.values() if not unit.is_definition and target.runs_when_loaded(unit)]
    if not module.names or PurePosixPath(target.path).stem in module.names:
        return units + [unit for unit in target.units.values() if unit.is_definition]
    return units + [unit for name in module.names for unit in target.outline.binders(name)]


def _evasions(
    file: _File, unit: Unit, users: tuple[str, ...], reach: tuple[str, ...], elsewhere: str = ""
) -> Iterator[Evasion]:
    for use in evasions.find(unit, file.aliases, file.own_names):
        quote = quote_line(file.texts[unit.cell], use.line)
        needed_by = reach if use.at_once else users
        yield Evasion(clip(use.what, MAX_NAME), use.line, unit.cell, quote, needed_by, elsewhere)
