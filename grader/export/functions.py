"""Cutting functions out of the course's own Python files. Pure; never used on what a student wrote."""

import ast
from collections.abc import Collection


def without_functions(source: str, names: Collection[str]) -> str:
    """Return ``source`` without the top-level functions called ``names``, and the comments right above them.

    A function that something else in the file uses stays.
    """
    tree = ast.parse(source)
    lines = source.splitlines(keepends=True)
    for node in reversed(tree.body):
        if isinstance(node, ast.FunctionDef) and node.name in names and not _is_used(tree, node):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]) - 1
            while first and lines[first - 1].startswith("#"):
                first -= 1
            del lines[first : node.end_lineno]
    return "".join(lines)


def _is_used(tree: ast.Module, function: ast.FunctionDef) -> bool:
    inside = set(ast.walk(function))
    return any(isinstance(n, ast.Name) and n.id == function.name and n not in inside for n in ast.walk(tree))


def stub_of(names: Collection[str]) -> str:
    """Return the source of a file that defines functions called ``names``, each of which only raises."""
    parts = ['"""In place of the reference, which is not part of this bundle."""\n']
    parts += [
        f'\n\ndef {name}(*_):\n    raise NotImplementedError("the reference is not part of this bundle")\n'
        for name in names
    ]
    return "".join(parts)
