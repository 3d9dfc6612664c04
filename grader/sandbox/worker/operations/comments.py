"""How many of the statements in sources have a comment, read without running them.

A statement has one at the end of its lines, or above it: a block of comment lines is about the statements that follow
it directly, up to an empty line, another comment, or the end of the block that it stands in, :data:`REACH` of them at
most.
"""

import ast
import io
import re
import textwrap
import tokenize
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from grader.sandbox.worker.notebook import read_cells
from grader.sandbox.worker.operations.workbench import Workbench
from grader.sandbox.worker.source import UnreadableSourceError, decode, parse, quote_line

REACH = 5
MIN_CHARACTERS = 3
MAX_SHOWN = 5

_DIRECTIVE = re.compile(r"(noqa|type:|pylint|fmt:|isort|coding[:=]|-\*-|%%|In\s*\[|todo\b|fixme\b|!/)", re.IGNORECASE)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_COMPOUND = (ast.For, ast.While, ast.If, ast.With, ast.Try, *_DEFINITIONS)
_CODE = (ast.Assign, ast.AugAssign, ast.Attribute, ast.Subscript, *_COMPOUND)
"""What words do not parse as. ``max-pooling``, ``import the data``, ``inputs: images`` are words, though they parse."""
_CALL = re.compile(r"\w\(")


class Text(NamedTuple):
    """One source: a file, or a cell (from 1) of a notebook."""

    cell: int | None
    text: str
    tree: ast.Module


def read_comments(bench: Workbench, paths: tuple[str, ...], given: dict[str, np.ndarray]) -> tuple[dict[str, Any], ...]:
    """Return what is commented in the delivered sources ``paths``.

    Args:
        bench: where the submission lies.
        paths: ``.py`` files and notebooks.
        given: contents (uint8) by name of the sources that students start from. Statements that stand in them as they
            are do not count, whether commented or not.

    Returns:
        A mapping for each: ``path``; ``problem``, empty or why it cannot be read; ``statements`` and ``commented``,
        counts; ``bare``, a tuple of mappings with ``line``, ``cell`` (0 without cells) and ``quote`` of the first
        statements that have no comment.
    """
    known = {
        ast.dump(statement)
        for name, content in given.items()
        for text in _texts(name, content.tobytes())
        for statement in statements(text.tree)
    }
    found = []
    for path in paths:
        try:
            found.append(_told(path, list(_texts(path, (bench.root / path).read_bytes())), known))
        except UnreadableSourceError as error:
            found.append(_nothing(path, str(error)))
    return tuple(found)


def _told(path: str, texts: list[Text], known: set[str]) -> dict[str, Any]:
    told = _nothing(path, "")
    count = commented = 0
    bare: list[dict[str, Any]] = []
    for text in texts:
        covered = commented_lines(text.text, text.tree)
        for statement in statements(text.tree):
            if ast.dump(statement) in known:
                continue
            count += 1
            if statement.lineno in covered:
                commented += 1
            elif len(bare) < MAX_SHOWN:
                quote = quote_line(text.text, statement.lineno)
                bare.append({"line": statement.lineno, "cell": text.cell or 0, "quote": quote})
    return told | {"statements": np.array(count), "commented": np.array(commented), "bare": tuple(bare)}


def _nothing(path: str, problem: str) -> dict[str, Any]:
    return {"path": path, "problem": problem, "statements": np.array(0), "commented": np.array(0), "bare": ()}


def _texts(path: str, data: bytes) -> Iterator[Text]:
    if path.endswith(".ipynb"):
        for cell in read_cells(data):
            if cell.tree is not None:
                yield Text(cell.number, cell.text, cell.tree)
    else:
        text = decode(data)
        yield Text(None, text, parse(text))


def statements(tree: ast.Module) -> list[ast.stmt]:
    """Return every statement, at any depth, in order. Strings that stand alone are comments; ``pass`` and a notebook's
    magics say nothing."""
    found = (node for node in ast.walk(tree) if isinstance(node, ast.stmt))
    counted = (node for node in found if not (isinstance(node, ast.Pass) or _is_text(node) or _is_magic(node)))
    return sorted(counted, key=lambda node: (node.lineno, node.col_offset))


def commented_lines(text: str, tree: ast.Module) -> set[int]:
    """Return the first lines (from 1) of the statements that a comment is about."""
    comments = _comments(text)
    every = statements(tree)
    by_line = {_start(node): node for node in reversed(every)}
    covered: set[int] = set()
    for node in every:
        beside = [comments[line] for line in range(_start(node), _header_end(node) + 1) if line in comments]
        says = any(comment.beside and _says_something(comment.text, text, node) for comment in beside)
        if says or _has_docstring(node):
            covered.add(node.lineno)
    lines = text.split("\n")
    for last, words, column in _blocks(comments, tree):
        following = _following(last, column, lines, by_line, comments)
        if following and not _is_code(words) and _says_something(words, text, following[0]):
            covered.update(node.lineno for node in following[:REACH])
    return covered


class _Comment(NamedTuple):
    text: str
    column: int
    beside: bool


def _comments(text: str) -> dict[int, _Comment]:
    """Return the comments by line; ``beside`` says that code stands before it."""
    found: dict[int, _Comment] = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                line, column = token.start
                found[line] = _Comment(token.string.lstrip("#"), column, bool(token.line[:column].strip()))
    except (tokenize.TokenError, SyntaxError):
        # the parser has read it, so what tokenize cannot is at its end at most
        return found
    return found


def _blocks(comments: dict[int, _Comment], tree: ast.Module) -> list[tuple[int, str, int]]:
    """Return the comments on lines of their own: the last line of each block, its words, its column."""
    blocks: list[tuple[int, str, int]] = []
    for line, comment in sorted(comments.items()):
        if comment.beside:
            continue
        if blocks and blocks[-1][0] == line - 1 and blocks[-1][2] == comment.column:
            blocks[-1] = (line, f"{blocks[-1][1]}\n{comment.text}", comment.column)
        else:
            blocks.append((line, comment.text, comment.column))
    docstrings = {id(node.body[0]) for node in ast.walk(tree) if isinstance(node, _DEFINITIONS)}
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Expr) and id(node) not in docstrings)
    blocks += [
        (node.end_lineno or node.lineno, node.value.value, node.col_offset)
        for node in texts
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    ]
    return blocks


def _following(
    last: int, column: int, lines: list[str], by_line: dict[int, ast.stmt], comments: dict[int, _Comment]
) -> list[ast.stmt]:
    """Return the statements directly below the line ``last`` that are indented by ``column`` at least."""
    found: list[ast.stmt] = []
    line = last + 1
    while line <= len(lines) and lines[line - 1].strip() and (line not in comments or comments[line].beside):
        node = by_line.get(line)
        if node is None or node.col_offset < column:
            break
        found.append(node)
        line = _header_end(node) + 1
    return found


def _start(node: ast.stmt) -> int:
    """Return the first line of a statement, decorators included."""
    decorators = node.decorator_list if isinstance(node, _DEFINITIONS) else []
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _header_end(node: ast.stmt) -> int:
    """Return the last line of a statement, of a compound one the last before its body."""
    if isinstance(node, ast.Match):
        return max(node.lineno, node.cases[0].pattern.lineno - 1)
    body: list[ast.stmt] = getattr(node, "body", [])
    return max(node.lineno, _start(body[0]) - 1) if body else node.end_lineno or node.lineno


def _has_docstring(node: ast.stmt) -> bool:
    return isinstance(node, _DEFINITIONS) and ast.get_docstring(node) is not None


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _is_magic(node: ast.stmt) -> bool:
    return isinstance(node, (ast.Expr, ast.Assign)) and "get_ipython()" in ast.unparse(node)


def _says_something(comment: str, text: str, node: ast.stmt) -> bool:
    """Whether a comment is words about the statement, and not a rule, a directive, or the statement once more."""
    words = comment.strip()
    plain = _plain(words)
    if len(plain) < MIN_CHARACTERS or not any(map(str.isalpha, plain)) or _DIRECTIVE.match(words):
        return False
    return plain != _plain(quote_line(text, node.lineno).partition("#")[0])


def _is_code(comment: str) -> bool:
    """Whether the words of a comment are code that was put aside."""
    words = textwrap.dedent(comment).strip()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = ast.parse(words)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    parts = list(ast.walk(parsed))
    has_call = any(isinstance(part, ast.Call) for part in parts) and _CALL.search(words) is not None
    return has_call or any(isinstance(part, _CODE) for part in parts)


def _plain(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())
