"""From the bytes of a file to a syntax tree, or to a :class:`~grader.sandbox.wire.Problem` that says why not.

Nothing here runs what it reads. The loader compiles through the same functions, so that what was read is what runs.
"""

import ast
import codecs
import io
import sys
import tokenize
import warnings
from pathlib import Path
from types import CodeType

from grader.sandbox.wire import Problem

MAX_SOURCE_BYTES = 4 * 2**20
MAX_MESSAGE = 500
MAX_QUOTE = 200
MAX_NAME = 100


class UnreadableSourceError(Exception):
    """A source that Python would not run either; ``problem`` says why and where."""

    def __init__(self, problem: Problem) -> None:
        """Keep the problem, whose message is also this error's."""
        super().__init__(problem.message)
        self.problem = problem


def clip(text: str, limit: int) -> str:
    """Return at most ``limit`` characters of ``text``, all of which can be encoded as UTF-8."""
    short = text if len(text) <= limit else text[: limit - 1] + "…"
    return short.encode("utf-8", "backslashreplace").decode()


def quote_line(text: str, line: int | None) -> str:
    """Return line number ``line`` (from 1) of ``text`` without its indentation, or nothing if there is no such line."""
    lines = text.split("\n")
    if line is None or not 1 <= line <= len(lines):
        return ""
    return clip(lines[line - 1].strip(), MAX_QUOTE)


def decode(data: bytes) -> str:
    """Return the text of a Python source, decoded as Python does (byte order mark, coding comment, else UTF-8), with
    every line end turned into a newline.

    Raises:
        UnreadableSourceError: it is binary, too large, or not in the encoding that it declares.
    """
    if len(data) > MAX_SOURCE_BYTES:
        raise UnreadableSourceError(
            Problem(f"it has {len(data):,} bytes; a source of more than {MAX_SOURCE_BYTES >> 20} MiB is not read")
        )
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnreadableSourceError(Problem("it is UTF-16 text, which Python does not read; save it as UTF-8", line=1))
    if (nul := data.find(b"\0")) >= 0:
        line = _line_of_byte(data, nul)
        raise UnreadableSourceError(Problem(f"it is not Python source: byte {nul:,} is NUL, as in a binary file", line))
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        if "invalid or missing encoding" not in str(error):
            message = f"its coding comment cannot be followed ({error.msg}); save it as UTF-8 without that comment"
            raise UnreadableSourceError(Problem(clip(message, MAX_MESSAGE), line=1)) from None
        encoding = "utf-8"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableSourceError(_undecodable(data, encoding, error.start)) from None
    except (LookupError, ValueError) as error:
        message = f"it cannot be decoded as {encoding} ({error}); save it as UTF-8"
        raise UnreadableSourceError(Problem(clip(message, MAX_MESSAGE), line=1)) from None
    return io.IncrementalNewlineDecoder(None, translate=True).decode(text, final=True)


def _line_of_byte(data: bytes, offset: int) -> int:
    before = data[:offset]
    return before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n") + 1


def _undecodable(data: bytes, encoding: str, offset: int) -> Problem:
    line = _line_of_byte(data, offset)
    quote = data.splitlines()[line - 1].decode("ascii", "backslashreplace")
    seen = f"byte {offset:,} (0x{data[offset]:02X}) does not belong to {encoding.removesuffix('-sig').upper()} text"
    advice = "save it as UTF-8, or name its encoding in the first line, as in '# coding: latin-1'"
    return Problem(f"{seen}; {advice}", line, quote=clip(quote.strip(), MAX_QUOTE))


def parse(text: str, cell: int | None = None) -> ast.Module:
    """Return the syntax tree of a file, or of a notebook's cell number ``cell`` (where ``await`` may stand alone).

    Raises:
        UnreadableSourceError: Python does not accept it.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
            # the compiler finds what the parser lets pass, such as a return outside a function
            compile_tree(tree, "<source>", 0 if cell is None else ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except SyntaxError as error:
        message = f"syntax error: {error.msg}"
        quote = quote_line(text, error.lineno)
        if cell is None and quote.startswith(("%", "!")):
            message += " (magics and shell commands work in notebooks only)"
        raise UnreadableSourceError(Problem(clip(message, MAX_MESSAGE), error.lineno, cell, quote)) from None
    except (RecursionError, MemoryError):
        raise UnreadableSourceError(Problem("its code is nested too deeply to be read", cell=cell)) from None
    except (ValueError, OverflowError) as error:
        raise UnreadableSourceError(
            Problem(clip(f"it is not Python source: {error}", MAX_MESSAGE), cell=cell)
        ) from None
    return tree


def compile_tree(tree: ast.Module, filename: str, flags: int = 0) -> CodeType:
    """Compile a tree without any of this project's own compiler flags, and without warnings about its style."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code: CodeType = compile(tree, filename, "exec", flags=flags, dont_inherit=True)
    return code


def is_taken(module: str, root: Path) -> bool:
    """Whether ``import module`` gives a module that is there already, and not a file of the submission at ``root``."""
    if module in sys.builtin_module_names:
        return True
    if module not in sys.modules:
        return False
    file = getattr(sys.modules[module], "__file__", None)
    return not (isinstance(file, str) and Path(file).is_relative_to(root))
