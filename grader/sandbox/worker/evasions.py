"""Ways to use a module without an import statement that a reader could see.

The walls do not rest on this: a name can always be spelled in a way that no reader finds. It finds what a person who
reads the source would point at.
"""

import ast
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from grader.sandbox.worker.names import Unit

_BUILT_IN = frozenset(["exec", "eval", "compile", "__import__", "__builtins__", "__loader__", "__spec__"])
_MODULES = frozenset(["importlib", "imp", "ctypes", "runpy", "pkgutil", "zipimport", "builtins", "code", "cffi"])
_ATTRIBUTES = frozenset(
    ["__globals__", "__builtins__", "__subclasses__", "__import__", "__loader__", "import_module", "load_module"]
)
_TEXTS = frozenset(["__import__", "__builtins__", "builtins", "importlib"])


class Use(NamedTuple):
    """One use. ``at_once`` says that it happens when the file is loaded, not when a function is called."""

    what: str
    line: int
    at_once: bool


def module_aliases(units: Iterable[Unit]) -> dict[str, str]:
    """Return which names of a file stand for which imported modules, imports inside functions included."""
    return {
        alias.asname or alias.name.partition(".")[0]: alias.name
        for unit in units
        for node in unit.imports
        if isinstance(node, ast.Import)
        for alias in node.names
    }


def find(unit: Unit, aliases: Mapping[str, str], own_names: frozenset[str]) -> list[Use]:
    """Return the uses in ``unit``, each kind once, at its first line. ``own_names`` are bound by the file itself: a
    function of the student's that is called ``compile`` is not the built-in one."""
    later: set[ast.AST] = set()
    if isinstance(unit.statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        later = {node for statement in unit.statement.body for node in ast.walk(statement)}
    harmless = {id(node) for test in _walk(unit) for node in _membership_tested(test)}
    uses: dict[tuple[str, bool], Use] = {}
    for node in _walk(unit):
        if id(node) in harmless:
            continue
        for what, is_import in _uses(node, unit, aliases, own_names):
            at_once = node not in later and not is_import
            use = Use(what, getattr(node, "lineno", 1), at_once)
            uses.setdefault((what, at_once), use)
    return list(uses.values())


def _walk(unit: Unit) -> list[ast.AST]:
    return [node for part in unit.code for node in ast.walk(part)]


def _membership_tested(node: ast.AST) -> list[ast.expr]:
    # "google.colab" in sys.modules: asking whether a module is there is common and takes nothing from it
    if isinstance(node, ast.Compare) and all(isinstance(op, (ast.In, ast.NotIn)) for op in node.ops):
        return node.comparators
    return []


def _uses(node: ast.AST, unit: Unit, aliases: Mapping[str, str], own_names: frozenset[str]) -> list[tuple[str, bool]]:
    match node:
        case ast.Import(names=names):
            tops = {alias.name.partition(".")[0] for alias in names}
            return [(top, True) for top in sorted(tops & _MODULES)]
        case ast.ImportFrom(module=str(module), names=names, level=0):
            top = module.partition(".")[0]
            if top == "sys" and any(alias.name == "modules" for alias in names):
                return [("sys.modules", True)]
            return [(top, True)] if top in _MODULES else []
        case ast.Name(id=name):
            is_built_in = name in _BUILT_IN and name in unit.reads and name not in own_names
            return [(name, False)] if is_built_in else []
        case ast.Attribute(attr="modules", value=ast.Name(id=name)) if aliases.get(name) == "sys":
            return [("sys.modules", False)]
        case ast.Attribute(attr="modules", value=ast.Attribute(attr="sys")):
            return [("sys.modules", False)]
        case ast.Attribute(attr=attribute) if attribute in _ATTRIBUTES:
            return [(attribute, False)]
        case ast.Constant(value=str(text)) if text in _TEXTS:
            return [(f"the text {text!r}", False)]
        case _:
            return []
