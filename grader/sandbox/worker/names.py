"""Which names each top-level statement binds, changes and reads, by Python's scoping rules. Nothing is run.

A file is taken apart into :class:`Unit` objects: its top-level statements, where ``if``, ``try``, ``with``, ``match``
and loops are entered, so that each import and each assignment inside them stands for itself. An :class:`Outline` says
which units a name needs.
"""

import ast
import builtins
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
ImportNode: TypeAlias = ast.Import | ast.ImportFrom
_BUILTIN_NAMES = frozenset(dir(builtins))
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_COMPOUND = (ast.If, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match, *_LOOPS)


class Unit(NamedTuple):
    """A top-level statement, or the header of a compound one (``statement`` is then the whole compound statement).

    ``code`` is what the unit consists of. ``binds`` maps the names it binds to their lines; ``changes`` are the names
    whose value it alters (``W`` in ``W[0] = 1``); ``reads`` the global names it needs, those of the headers around it
    included; ``imports`` the import statements in it, at any depth. ``together`` is shared by the units of one ``try``
    statement: which of them matter depends on all.
    """

    statement: ast.stmt
    code: tuple[ast.AST, ...]
    number: int
    cell: int | None
    binds: dict[str, int]
    changes: frozenset[str]
    reads: frozenset[str]
    imports: tuple[ImportNode, ...]
    in_loop: bool
    is_conditional: bool
    is_main_only: bool
    together: int | None

    @property
    def imports_star(self) -> bool:
        """Whether it may bind names that cannot be known from reading it."""
        return any(alias.name == "*" for node in self.imports for alias in node.names)

    @property
    def is_function(self) -> bool:
        """Whether it is a function definition, whose body runs later."""
        return isinstance(self.statement, FunctionNode)

    @property
    def is_definition(self) -> bool:
        """Whether it defines a function or a class."""
        return isinstance(self.statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))

    @property
    def runs_in_notebook(self) -> bool:
        """Whether it may run when a notebook's definitions are loaded: loops and bare expressions never do."""
        return not self.in_loop and bool(self.binds or self.changes or self.imports_star)


class _Around(NamedTuple):
    """What the compound statements around a unit say about it."""

    reads: frozenset[str] = frozenset()
    in_loop: bool = False
    is_conditional: bool = False
    is_main_only: bool = False
    together: int | None = None


def split(tree: ast.Module, cell: int | None = None, first_number: int = 0) -> list[Unit]:
    """Return the units of a file or of one cell, in document order, numbered from ``first_number``."""
    units: list[Unit] = []
    limit = sys.getrecursionlimit()
    # walking a tree takes several Python calls a level; Python itself accepted this tree within its own limit
    sys.setrecursionlimit(20 * limit)
    try:
        _split(tree.body, _Around(), cell, first_number, units)
    finally:
        sys.setrecursionlimit(limit)
    return units


def _split(body: Sequence[ast.stmt], around: _Around, cell: int | None, first: int, units: list[Unit]) -> None:
    for statement in body:
        if not isinstance(statement, _COMPOUND):
            units.append(_unit(statement, (statement,), around, cell, first + len(units)))
            continue
        header, blocks = _header_and_blocks(statement)
        unit = _unit(statement, tuple(header), around, cell, first + len(units))
        units.append(unit)
        inside = around._replace(
            reads=unit.reads,
            in_loop=unit.in_loop or isinstance(statement, _LOOPS),
            is_conditional=around.is_conditional or not isinstance(statement, (ast.With, ast.AsyncWith)),
        )
        if isinstance(statement, (ast.Try, ast.TryStar)) and around.together is None:
            inside = inside._replace(together=unit.number)
        for block in blocks:
            is_main = isinstance(statement, ast.If) and block is statement.body and _is_main_guard(statement.test)
            _split(block, inside._replace(is_main_only=around.is_main_only or is_main), cell, first, units)


def _header_and_blocks(node: ast.AST) -> tuple[list[ast.AST], list[list[ast.stmt]]]:
    header: list[ast.AST] = []
    blocks: list[list[ast.stmt]] = []
    for _, value in ast.iter_fields(node):
        if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
            blocks.append(value)
            continue
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, (ast.ExceptHandler, ast.match_case)):
                inner_header, inner_blocks = _header_and_blocks(item)
                header += inner_header
                blocks += inner_blocks
            elif isinstance(item, ast.AST):
                header.append(item)
    return header, blocks


def _is_main_guard(test: ast.expr) -> bool:
    if not (isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq)):
        return False
    sides = (test.left, test.comparators[0])
    return any(isinstance(side, ast.Name) and side.id == "__name__" for side in sides) and any(
        isinstance(side, ast.Constant) and side.value == "__main__" for side in sides
    )


def _unit(statement: ast.stmt, code: tuple[ast.AST, ...], around: _Around, cell: int | None, number: int) -> Unit:
    scope = _Scope("module")
    for node in code:
        scope.visit(node)
    return Unit(
        statement,
        code,
        number,
        cell,
        scope.bound,
        frozenset(scope.changed | scope.bound_globally),
        frozenset(scope.read | scope.read_globally | around.reads),
        tuple(scope.imports),
        around.in_loop or isinstance(statement, _LOOPS),
        around.is_conditional,
        around.is_main_only,
        around.together,
    )


class _Scope(ast.NodeVisitor):
    """Collects what the code of one scope binds and reads; scopes inside it report what they take from outside."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.bound: dict[str, int] = {}
        self.read: set[str] = set()
        self.read_from_inside: set[str] = set()
        self.read_globally: set[str] = set()
        self.bound_globally: set[str] = set()
        self.changed: set[str] = set()
        self.deleted: set[str] = set()
        self.declared_global: set[str] = set()
        self.declared_nonlocal: set[str] = set()
        self.imports: list[ImportNode] = []

    def _bind(self, name: str, line: int) -> None:
        self.bound.setdefault(name, line)

    def _absorb(self, inner: "_Scope") -> None:
        self.imports += inner.imports
        taken = inner.read | inner.read_from_inside
        if inner.kind != "class":
            # a class body looks outside for a name that it binds only later, a function never does
            local = (set(inner.bound) | inner.deleted) - inner.declared_global - inner.declared_nonlocal
            taken -= local
            self.changed |= inner.changed - local
        else:
            self.changed |= inner.changed
        outer = taken - inner.declared_global
        self.read_globally |= inner.read_globally | (taken & inner.declared_global)
        self.bound_globally |= inner.bound_globally | (set(inner.bound) & inner.declared_global)
        if self.kind == "class":
            self.read_from_inside |= outer
        else:
            self.read |= outer

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.read.add(node.id)
        elif isinstance(node.ctx, ast.Store):
            self._bind(node.id, node.lineno)
        else:
            self.deleted.add(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._visit_place(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self._visit_place(node)

    def _visit_place(self, node: ast.Attribute | ast.Subscript) -> None:
        if not isinstance(node.ctx, ast.Load):
            root: ast.expr = node
            while isinstance(root, (ast.Attribute, ast.Subscript)):
                root = root.value
            if isinstance(root, ast.Name):
                self.changed.add(root.id)
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.read.add(node.target.id)
        self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        self.imports.append(node)
        for alias in node.names:
            self._bind(alias.asname or alias.name.partition(".")[0], node.lineno)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self.imports.append(node)
        for alias in node.names:
            if alias.name != "*":
                self._bind(alias.asname or alias.name, node.lineno)

    def visit_Global(self, node: ast.Global) -> None:
        if self.kind != "module":
            self.declared_global.update(node.names)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        self.declared_nonlocal.update(node.names)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self._bind(node.name, node.lineno)
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        if node.name:
            self._bind(node.name, node.lineno)
        self.generic_visit(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self._bind(node.name, node.lineno)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            self._bind(node.rest, node.lineno)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._visit_function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._visit_function(node)

    def _visit_function(self, node: FunctionNode) -> None:
        self._bind(node.name, node.lineno)
        for decorator in node.decorator_list:
            self.visit(decorator)
        if node.returns:
            self.visit(node.returns)
        self._visit_body(node.args, node.body)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._visit_body(node.args, [node.body])

    def _visit_body(self, arguments: ast.arguments, body: Sequence[ast.AST]) -> None:
        inner = _Scope("function")
        for default in (*arguments.defaults, *arguments.kw_defaults):
            if default is not None:
                self.visit(default)
        positional = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        for argument in (*positional, arguments.vararg, arguments.kwarg):
            if argument is not None:
                inner._bind(argument.arg, argument.lineno)
                if argument.annotation:
                    self.visit(argument.annotation)
        for statement in body:
            inner.visit(statement)
        self._absorb(inner)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._bind(node.name, node.lineno)
        inner = _Scope("class")
        for outside in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(outside)
        for statement in node.body:
            inner.visit(statement)
        self._absorb(inner)

    def visit_ListComp(self, node: ast.ListComp) -> None:
        self._visit_comprehension(node.generators, [node.elt])

    def visit_SetComp(self, node: ast.SetComp) -> None:
        self._visit_comprehension(node.generators, [node.elt])

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self._visit_comprehension(node.generators, [node.elt])

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self._visit_comprehension(node.generators, [node.key, node.value])

    def _visit_comprehension(self, generators: list[ast.comprehension], results: list[ast.expr]) -> None:
        self.visit(generators[0].iter)
        inner = _Scope("comprehension")
        for number, generator in enumerate(generators):
            inner.visit(generator.target)
            for node in (*generator.ifs, *([generator.iter] if number else [])):
                inner.visit(node)
        for result in results:
            inner.visit(result)
        # the target of := inside a comprehension belongs to the scope around it
        parts: list[ast.AST] = [*generators, *results]
        for walrus in (node for part in parts for node in ast.walk(part) if isinstance(node, ast.NamedExpr)):
            inner.bound.pop(walrus.target.id, None)
            self._bind(walrus.target.id, walrus.lineno)
        self._absorb(inner)


class Outline:
    """The units of one file, by the names they bind."""

    def __init__(self, units: Iterable[Unit]) -> None:
        """Arrange ``units``, which stand in document order."""
        self.units = tuple(units)
        self._by_name: dict[str, list[Unit]] = defaultdict(list)
        for unit in self.units:
            for name in {*unit.binds, *unit.changes}:
                self._by_name[name].append(unit)
        self._needs: dict[int, list[Unit]] = {}
        self._star_imports = [unit for unit in self.units if unit.imports_star]

    def binders(self, name: str, reader: Unit | None = None) -> list[Unit]:
        """Return the units that give ``name`` the value that ``reader`` sees, or that it has in the end.

        Of several definitions of a function the last wins; a variable keeps all its assignments. A name that nothing
        binds and that is not built in comes from any of the star imports.
        """
        units = self._by_name.get(name, [])
        if not units:
            return [] if name in _BUILTIN_NAMES else self._star_imports
        seen = _from_last_definition(name, units)
        if reader is not None and not reader.is_function:
            # it runs at once, so it may see a definition that is replaced further down
            seen = seen + _from_last_definition(name, [unit for unit in units if unit.number < reader.number])
        return seen

    def needs(self, unit: Unit) -> list[Unit]:
        """Return the units that bind what ``unit`` reads."""
        if unit.number not in self._needs:
            binders = {b.number: b for name in unit.reads for b in self.binders(name, unit)}
            self._needs[unit.number] = list(binders.values())
        return self._needs[unit.number]

    def needed_for(self, names: Iterable[str]) -> list[Unit]:
        """Return every unit that ``names`` need, directly or not, in document order; a ``try`` is taken whole, as far
        as its units bind something."""
        found: dict[int, Unit] = {}
        taken_whole: set[int] = set()
        waiting = [unit for name in names for unit in self.binders(name)]
        while waiting:
            unit = waiting.pop()
            if unit.number in found:
                continue
            found[unit.number] = unit
            waiting += self.needs(unit)
            if unit.together is not None and unit.together not in taken_whole:
                taken_whole.add(unit.together)
                waiting += [u for u in self.units if u.together == unit.together and (u.binds or u.changes)]
        return [found[number] for number in sorted(found)]


def _from_last_definition(name: str, units: list[Unit]) -> list[Unit]:
    for position in range(len(units) - 1, 0, -1):
        unit = units[position]
        if unit.is_definition and name in unit.binds and not unit.is_conditional:
            return units[position:]
    return units
