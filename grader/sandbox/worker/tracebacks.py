"""What a student's exception says, and where in the student's own files it was raised.

The exception is hostile: its type, its text and its attributes may be code of the student's that raises, lies or
answers with something else than asked. Nothing here breaks on it.
"""

from collections import deque
from pathlib import Path
from types import TracebackType

from grader.sandbox.wire import Raised, Where
from grader.sandbox.worker.source import MAX_NAME, MAX_SOURCE_BYTES, clip, quote_line

MAX_MESSAGE = 2000
OUTER_FRAMES = 4
INNER_FRAMES = 8
"""Of a deep recursion the first four and the last eight lines are reported."""

_type_name = type.__dict__["__name__"]


class Sources:
    """The student's texts, by the file names that code compiled from them carries."""

    def __init__(self, root: Path) -> None:
        """Know the files under ``root``; those that were loaded are added as they are compiled."""
        self._root = root
        self._texts: dict[str, tuple[str, int | None, str]] = {}

    def add(self, filename: str, path: str, cell: int | None, text: str) -> None:
        """Remember that code compiled under ``filename`` is ``text``, the whole of ``path`` or its ``cell``."""
        self._texts[filename] = (path, cell, text)

    def locate(self, filename: str, line: int, function: str) -> Where | None:
        """Return where a line of compiled code stands, or ``None`` if it is not the student's own."""
        known = self._texts.get(filename)
        if known is None:
            known = self._imported(filename)
        if known is None:
            return None
        path, cell, text = known
        return Where(path, line, cell, clip(function, MAX_NAME), quote_line(text, line))

    def _imported(self, filename: str) -> tuple[str, int | None, str] | None:
        # a file that a loaded one imports is compiled by Python's own importer
        place = Path(filename)
        if not (place.is_absolute() and place.is_relative_to(self._root)):
            return None
        try:
            with place.open("rb") as stream:
                text = stream.read(MAX_SOURCE_BYTES).decode("utf-8", "replace")
        except (OSError, ValueError):
            text = ""
        return clip(str(place.relative_to(self._root)), MAX_MESSAGE), None, text.replace("\r\n", "\n")


def describe(error: BaseException, traceback: TracebackType | None, sources: Sources, cpu_s: float) -> Raised:
    """Return ``error`` as an answer, with the lines of ``traceback`` that are in the student's own files."""
    where = _where(traceback, sources)
    if isinstance(error, SyntaxError):
        where = (*where, *_syntax_error_place(error, sources))
    return Raised(clip(_type_name.__get__(type(error)), MAX_NAME), message_of(error), where, cpu_s)


def message_of(error: BaseException) -> str:
    """Return what ``error`` says, or that it says nothing readable."""
    try:
        # str() may answer with a subclass of str whose methods are the student's; this makes a plain one of it
        text = str.__str__(str(error))
    except BaseException as inner:
        text = f"(its message cannot be read: __str__ raised {_type_name.__get__(type(inner))})"
    if isinstance(error, SystemExit):
        text = f"Python was asked to exit (status {text or 'none'})"
    return clip(text, MAX_MESSAGE)


def _where(traceback: TracebackType | None, sources: Sources) -> tuple[Where, ...]:
    outer: list[Where] = []
    inner: deque[Where] = deque(maxlen=INNER_FRAMES)
    while traceback is not None:
        code = traceback.tb_frame.f_code
        place = sources.locate(code.co_filename, traceback.tb_lineno or 1, code.co_name)
        if place is not None:
            if len(outer) < OUTER_FRAMES:
                outer.append(place)
            else:
                inner.append(place)
        traceback = traceback.tb_next
    return (*outer, *inner)


def _syntax_error_place(error: SyntaxError, sources: Sources) -> tuple[Where, ...]:
    try:
        filename, line = error.filename, error.lineno
        place = sources.locate(filename, line, "") if type(filename) is str and type(line) is int else None
    except BaseException:
        return ()
    return () if place is None else (place,)
