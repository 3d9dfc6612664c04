"""Which names a Python file of the course defines, from its text: a rubric is checked without running any code."""

import ast
from pathlib import Path

import msgspec

from grader.course.errors import Problems
from grader.course.model import Source
from grader.course.yaml_source import read_text


class Names(msgspec.Struct, frozen=True):
    """What a file binds at its top level. ``functions`` maps the public functions defined there to their lines;
    ``used`` are names that the file itself reads. With ``is_open`` a star import may bind more."""

    bound: frozenset[str]
    functions: dict[str, int]
    used: frozenset[str]
    is_open: bool

    def has(self, name: str) -> bool:
        """Whether the file defines ``name``, as far as its text can tell."""
        return self.is_open or name in self.bound


def names_of(path: Path, shown: str, problems: Problems) -> Names | None:
    """Read the names of a file, or return ``None`` after adding to ``problems`` why it cannot be read."""
    text = read_text(path, shown, problems)
    if text is None:
        return None
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        problems.add(Source(shown, error.lineno or 1), f"not valid Python: {error.msg}")
        return None
    except (ValueError, RecursionError, MemoryError) as error:
        problems.add(Source(shown, 1), f"not valid Python: {error or 'nested too deeply'}")
        return None
    bound: set[str] = set()
    for statement in tree.body:
        bound |= _bound_by(statement)
    functions = {
        node.name: node.lineno
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return Names(frozenset(bound - {"*"}), functions, frozenset(used), "*" in bound)


def _bound_by(statement: ast.stmt) -> set[str]:
    """Names that a top-level statement binds, those under ``if``, ``try``, ``with`` and loops included."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.partition(".")[0] for alias in statement.names}
    bound: set[str] = set()
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.stmt):
            bound |= _bound_by(child)
        elif isinstance(child, ast.ExceptHandler):
            bound |= {name for inner in child.body for name in _bound_by(inner)}
        else:
            bound |= {n.id for n in ast.walk(child) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return bound
