"""Whether source files still say the same: a digest that comments, docstrings and blank lines do not change.

Training takes hours. What was measured stays valid when a sentence is improved, and not when a number is.
"""

import ast
import hashlib
import io
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.oracle.run import OracleError


def sources_digest(paths: Iterable[Path], leave_out: str = "") -> str:
    """Return the SHA-256 of what the Python files at ``paths`` do, 64 hexadecimal digits. Their folder does not count.

    Args:
        paths: the files, in an order that is always the same.
        leave_out: a name; where a file assigns to it at the top level, that statement does not count.

    Raises:
        OracleError: a file cannot be read, or is not Python.
    """
    digest = hashlib.sha256()
    for path in paths:
        try:
            code = without_comments(path.read_text(encoding="utf-8"), leave_out)
        except OSError as error:
            raise OracleError(f"{path} cannot be read: {error.strerror}") from error
        except (SyntaxError, ValueError, tokenize.TokenError) as error:
            raise OracleError(f"{path} is not Python: {error}") from error
        digest.update(f"{path.name}\0{code}\0".encode())
    return digest.hexdigest()


def without_comments(source: str, leave_out: str = "") -> str:
    """Return ``source`` without comments, docstrings, blank lines, spaces at the ends of lines, and assignments to
    ``leave_out`` at the top level.

    Raises:
        SyntaxError, ValueError, tokenize.TokenError: it is not Python.
    """
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for statement in _without_effect(ast.parse(source), leave_out):
        end = statement.end_lineno or statement.lineno
        lines[statement.lineno - 1 : end] = [""] * (end - statement.lineno + 1)
    return "\n".join(stripped for line in lines if (stripped := line.rstrip()))


def _without_effect(module: ast.Module, leave_out: str) -> Iterator[ast.stmt]:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(module):
        if isinstance(node, documented) and ast.get_docstring(node) is not None:
            yield node.body[0]
    for statement in module.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if leave_out in (target.id for target in targets if isinstance(target, ast.Name)):
            yield statement
