"""Reads a YAML file into nodes that know the line they were written in.

Scalars follow YAML 1.2, not PyYAML's 1.1: ``on``, ``no``, ``12:30`` and ``2026-11-20`` stay text, ``1e-8`` is a number,
``010`` is not eight. Anchors, aliases and merge keys (``<<``) work; tags do not.
"""

import math
import re
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import yaml

from grader.course.errors import Problems
from grader.course.model import Source

MAX_FILE_BYTES = 2**20
MAX_NODES = 50_000
"""Aliases can make a short file expand without bound; no rubric comes near this."""
MAX_DEPTH = 50
"""Levels of lists and mappings in each other. PyYAML's C parser goes as deep as a file does, until the stack ends."""

Content: TypeAlias = "None | bool | int | float | str | tuple[Node, ...] | dict[str, Node]"

_NULL = frozenset(["", "~", "null", "Null", "NULL"])
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)", re.ASCII)
_FLOAT = re.compile(r"[-+]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?", re.ASCII)
_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UNSEEN_LINE_END = re.compile("[\x85\u2028\u2029]")
# without implicit resolvers: which scalars are numbers is decided here
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_TOO_DEEP = f"it is nested more than {MAX_DEPTH} levels deep"


class Node(msgspec.Struct, frozen=True, eq=False):
    """A piece of a YAML file. ``source`` is the line of its key, or its own line when it has none; ``written`` is a
    scalar's text as it stands in the file."""

    source: Source
    content: Content
    written: str = ""

    def describe(self) -> str:
        """Say in a few words what stands there."""
        shown = self.written if len(self.written) <= 40 else self.written[:40] + "…"
        match self.content:
            case None:
                return "nothing"
            case bool():
                return f"{shown} (true or false)"
            case int() | float():
                return f"the number {shown}"
            case str():
                return f"the text '{shown}'"
            case tuple():
                return "a list"
            case _:
                return "a mapping"

    def plain(self) -> object:
        """Return the piece as plain Python lists, dicts and scalars."""
        match self.content:
            case tuple(items):
                return [item.plain() for item in items]
            case dict(entries):
                return {key: entry.plain() for key, entry in entries.items()}
            case scalar:
                return scalar


def read_yaml(path: Path, shown: str, problems: Problems, guide: str = "docs/instructor/rubric.md") -> Node | None:
    """Read a file that holds one YAML document; ``shown`` is its path in messages, ``guide`` shows what belongs in it.

    Returns ``None`` when there is nothing to go on with; what is wrong, there or in single entries (a duplicate key,
    a tag, a number too large), has then been added to ``problems``.
    """
    text = read_text(path, shown, problems)
    if text is None:
        return None
    if found := _UNSEEN_LINE_END.search(text):
        line = text.count("\n", 0, found.start()) + 1
        character = f"U+{ord(found.group()):04X}"
        problems.add(
            Source(shown, line), f"the character {character} ends a line in YAML, and in no editor", "delete it"
        )
        return None
    try:
        root = _composed(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        lines = text.split("\n")
        number = min(mark.line, len(lines) - 1) if mark else 0
        hint = "indent with spaces, never with tabs" if "\t" in lines[number] else ""
        words = ": ".join(part for part in (error.context, error.problem) if part)
        problems.add(Source(shown, number + 1), f"not valid YAML: {words}", hint)
        return None
    except yaml.YAMLError:
        found = _UNPRINTABLE.search(text)
        line = text.count("\n", 0, found.start()) + 1 if found else 1
        character = f"the control character U+{ord(found.group()):04X}" if found else "an unreadable character"
        problems.add(Source(shown, line), f"not valid YAML: {character}", "delete it")
        return None
    if root is None:
        problems.add(Source(shown, 1), "the file is empty", f"{guide} shows what belongs in it")
        return None
    try:
        return _Reader(shown, problems).node(root)
    except _UnusableError:
        return None


def _composed(text: str) -> yaml.Node | None:
    """Return PyYAML's graph of nodes, ``None`` for an empty document.

    Raises:
        YAMLError: it is not YAML, or nested too deeply.
    """
    depth = 0
    # events come one by one, without going deeper into the stack for each level
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            mark: Any = event.start_mark  # the C parser's, which is as good as the other
            raise yaml.MarkedYAMLError(problem=_TOO_DEEP, problem_mark=mark)
    root: yaml.Node | None = yaml.compose(text, Loader=_LOADER)
    return root


def read_text(path: Path, shown: str, problems: Problems) -> str | None:
    """Return the text of a UTF-8 file, or ``None`` after adding to ``problems`` why it cannot be read."""
    source = Source(shown, 1)
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            problems.add(source, f"the file is larger than {MAX_FILE_BYTES // 2**20} MiB", "is it the right one?")
            return None
        raw = path.read_bytes()
    except OSError as error:
        problems.add(source, f"the file cannot be read ({error.strerror})")
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problems.add(
            Source(shown, line), f"byte 0x{raw[error.start]:02x} is not UTF-8", "save the file with the encoding UTF-8"
        )
        return None


class _UnusableError(Exception):
    """The document cannot be turned into a tree; why has been noted."""


class _Reader:
    """Turns PyYAML's graph of nodes into a tree."""

    def __init__(self, shown: str, problems: Problems) -> None:
        self.shown = shown
        self.problems = problems
        self.count = 0
        self.open: set[int] = set()

    def node(self, raw: yaml.Node, line: int | None = None) -> Node:
        """Return ``raw`` as a tree; ``line`` is that of its key, if it has one."""
        source = Source(self.shown, raw.start_mark.line + 1 if line is None else line)
        self.count += 1
        if self.count > MAX_NODES:
            self.problems.add(source, f"the aliases in this file expand to more than {MAX_NODES:,} entries")
            raise _UnusableError
        if id(raw) in self.open:
            self.problems.add(source, "an alias that refers to the entry it stands in")
            raise _UnusableError
        if len(self.open) >= MAX_DEPTH:
            self.problems.add(source, f"with its aliases, {_TOO_DEEP}")
            raise _UnusableError
        if raw.tag not in _TAGS:
            tag = raw.tag.replace("tag:yaml.org,2002:", "!!")
            self.problems.add(source, f"the tag '{tag}' has no meaning in a rubric", "delete it")
        if isinstance(raw, yaml.ScalarNode):
            return Node(source, self._scalar(raw, source), raw.value)
        self.open.add(id(raw))
        content = self._mapping(raw) if isinstance(raw, yaml.MappingNode) else tuple(map(self.node, raw.value))
        self.open.discard(id(raw))
        return Node(source, content)

    def _scalar(self, raw: yaml.ScalarNode, source: Source) -> "None | bool | int | float | str":
        text: str = raw.value
        if raw.style:  # quoted, or a block of text
            return text
        if text in _NULL:
            return None
        if text in _BOOL:
            return _BOOL[text]
        if _INT.fullmatch(text) and len(text) <= 18:
            return int(text)
        if _FLOAT.fullmatch(text):
            number = float(text)
            if math.isfinite(number):
                return number
            self.problems.add(source, f"the number {text[:40]} is too large")
            return 1.0
        return text

    def _mapping(self, raw: yaml.MappingNode) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        merged: dict[str, Node] = {}
        for raw_key, raw_value in raw.value:
            line = raw_key.start_mark.line + 1
            source = Source(self.shown, line)
            if not isinstance(raw_key, yaml.ScalarNode):
                self.problems.add(source, "a key must be a word, not a list or a mapping")
                continue
            key = raw_key.value
            value = self.node(raw_value, line)
            if key == "<<" and not raw_key.style:
                self._merge(value, merged)
            elif key in entries:
                first = entries[key].source.line
                self.problems.add(source, f"the key '{key}' is there twice (first in line {first})", "keep one of them")
            else:
                entries[key] = value
        return {**merged, **entries}

    def _merge(self, value: Node, merged: dict[str, Node]) -> None:
        """Add the entries of the mapping (or mappings) behind ``<<``; earlier ones win, as YAML has it."""
        for item in value.content if isinstance(value.content, tuple) else (value,):
            if isinstance(item.content, dict):
                for key, entry in item.content.items():
                    merged.setdefault(key, entry)
            else:
                self.problems.add(value.source, f"'<<' merges mappings, not {item.describe()}")
