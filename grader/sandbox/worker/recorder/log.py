"""The events of the cell that runs, in order, and where in the student's text each of them comes from."""

import math
import sys
from types import FrameType
from typing import Any

MAX_EVENTS = 400
"""Of one cell."""
MAX_OF_A_KIND = 120
"""Events of one kind in one cell: a thousand predictions say no more than the first hundred."""
MAX_TEXT = 300

Event = dict[str, Any]


class Log:
    """Collects the events of one cell at a time."""

    def __init__(self) -> None:
        self.file = ""
        """The file name that the present cell was compiled under."""
        self.is_muted = False
        """While it is, nothing is recorded: the grader itself runs the student's models."""
        self._events: list[Event] = []
        self._counts: dict[str, int] = {}
        self.left_out = 0

    def add(self, event: str, **facts: Any) -> None:
        """Record an event. ``line`` is added: the innermost one of the student's own."""
        if self.is_muted:
            return
        self._counts[event] = self._counts.get(event, 0) + 1
        if self._counts[event] > MAX_OF_A_KIND or len(self._events) >= MAX_EVENTS:
            self.left_out += 1
            return
        self._events.append({"event": event, "line": facts.pop("line", None) or self.line(), **facts})

    def note(self, kind: str, text: str, line: int | None = None) -> None:
        """Record what was not run as it stands, or was run in another way; the same only once a cell."""
        known = any(e["event"] == "note" and e["kind"] == kind and e["text"] == text for e in self._events)
        if not known:
            self.add("note", kind=kind, text=text[:MAX_TEXT], line=line)

    def take(self) -> tuple[list[Event], int]:
        """Return the events since the last call and how many were left out, and forget them."""
        taken = self._events, self.left_out
        self._events, self._counts, self.left_out = [], {}, 0
        return taken

    @property
    def files(self) -> str:
        """How the file names of all cells begin."""
        before, between, _ = self.file.rpartition(" cell ")
        return before + between

    def code_cell(self) -> int:
        """Return the number of the cell whose code runs now, 0 if none does. It may have been called by another."""
        files = self.files
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and files:
            name = frame.f_code.co_filename
            if name.startswith(files) and name[len(files) :].isdecimal():
                return int(name[len(files) :])
            frame = frame.f_back
        return 0

    def line(self) -> int:
        """Return which line of the present cell runs now, 0 if none does."""
        frame: FrameType | None = sys._getframe(1)
        found = 0
        while frame is not None:
            # the outermost one: in a function of the cell too, it is what the cell's text shows to a reader
            if frame.f_code.co_filename == self.file:
                found = frame.f_lineno or 0
            frame = frame.f_back
        return found


def number(value: Any) -> float | None:
    """Return ``value`` as a finite float, ``None`` if it is none."""
    try:
        found = float(value)
    except Exception:
        # a tensor or an object of the student's may raise anything
        return None
    return found if math.isfinite(found) else None


def text(value: Any, limit: int = MAX_TEXT) -> str:
    """Return what ``value`` says of itself, cut."""
    try:
        return str(value)[:limit]
    except Exception:
        return f"({type(value).__name__})"


def settings(**values: Any) -> dict[str, str]:
    """Return settings as short texts; what is ``None`` is left out."""
    return {name: _setting(value) for name, value in values.items() if value is not None}


def _setting(value: Any) -> str:
    if isinstance(value, (bool, int, str)):
        return text(value, 100)
    found = number(value)
    if found is not None:
        # single precision is what frameworks keep: 0.001 and not 0.0010000000474974513
        return f"{found:.7g}"
    return text(value if isinstance(value, (tuple, list)) else getattr(value, "__name__", type(value).__name__), 100)
