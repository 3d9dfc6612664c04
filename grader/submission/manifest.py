"""``submission.yaml``: what a student may say about an unusual layout.

```yaml
assignment: backprop_to_lenet
parts:
  backprop: hw4.ipynb                            # every function of the part is in this file
  backprop.back_propagation: hw4.ipynb:backward  # this function has another name
returns:
  back_propagation: [loss, gradients]            # the order in which it returns them
```

It is the only text of a student's that the trusted side parses, so it may use very little of YAML: mappings, lists
and text. Anchors, aliases, tags and duplicate keys are refused, and every value is text, whatever it looks like.
"""

import difflib
from pathlib import PurePosixPath
from typing import NamedTuple, NoReturn, TypeAlias

import msgspec
import yaml

from grader.submission.discover import MANIFEST_NAME, Submission, SubmissionError

MAX_BYTES = 64 * 2**10
MAX_DEPTH = 4
MAX_ENTRIES = 100
MAX_TEXT = 300
_KEYS = ("assignment", "parts", "returns")


class ManifestError(SubmissionError):
    """A ``submission.yaml`` that cannot be followed. The message names the line."""


class Manifest(msgspec.Struct, frozen=True):
    """A validated ``submission.yaml``; the empty one stands for a submission without.

    ``parts`` maps a part, or ``part.function``, to ``file`` or ``file:name``. ``returns`` maps a function to the order
    in which it returns its values. ``lines`` are the lines of the entries, by ``assignment``, ``parts.<key>`` and
    ``returns.<key>``.
    """

    assignment: str | None = None
    parts: dict[str, str] = msgspec.field(default_factory=dict)
    returns: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    lines: dict[str, int] = msgspec.field(default_factory=dict)


def read(submission: Submission) -> Manifest:
    """Return the manifest of a submission, the empty one if it has none.

    Raises:
        ManifestError: there is one that cannot be followed.
    """
    file = submission.file(MANIFEST_NAME)
    if file is None:
        if submission.file("submission.yml") is not None:
            raise ManifestError(f"submission.yml is not read; rename it to {MANIFEST_NAME}")
        return Manifest()
    if file.size_bytes > MAX_BYTES:
        raise ManifestError(f"{MANIFEST_NAME} has {file.size_bytes:,} bytes, at most {MAX_BYTES >> 10} KiB are read")
    return parse(submission.read(file))


def parse(data: bytes) -> Manifest:
    """Return the manifest written in ``data``.

    Raises:
        ManifestError: it is too large, not UTF-8, not YAML, or says something that is not understood.
    """
    if len(data) > MAX_BYTES:
        raise ManifestError(f"{MANIFEST_NAME} has {len(data):,} bytes, at most {MAX_BYTES >> 10} KiB are read")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        _refuse(line, f"byte {error.start:,} does not belong to UTF-8 text; save the file as UTF-8")
    document = _document(text)
    if document is None:
        return Manifest()
    top = _mapping(document, "the file")
    for key, node in top.items():
        if key not in _KEYS:
            _refuse(node.key_line, f"{_shown(key)} is not a key of {MANIFEST_NAME}{_suggestion(key, _KEYS)}")
    lines: dict[str, int] = {}
    assignment: str | None = None
    if "assignment" in top:
        assignment = _text(top["assignment"], "assignment")
        lines["assignment"] = top["assignment"].key_line
    parts: dict[str, str] = {}
    for key, node in _mapping(top["parts"], "parts").items() if "parts" in top else ():
        parts[key] = _place(node, f"parts: {key}")
        lines[f"parts.{key}"] = node.key_line
    returns: dict[str, tuple[str, ...]] = {}
    for key, node in _mapping(top["returns"], "returns").items() if "returns" in top else ():
        returns[key] = _names(node, f"returns: {key}")
        lines[f"returns.{key}"] = node.key_line
    return Manifest(assignment, parts, returns, lines)


def split_place(place: str) -> tuple[str, str | None]:
    """Return the file and the name in ``file`` or ``file:name``."""
    path, colon, name = place.rpartition(":")
    return (path, name) if colon else (place, None)


# --- YAML, as far as it is understood ---------------------------------------------------------------------------------


_Event: TypeAlias = yaml.NodeEvent | yaml.CollectionEndEvent


class _Node(NamedTuple):
    """``line`` is where the value starts, ``key_line`` where its key stands (the same for what has no key)."""

    value: "_Value"
    line: int
    key_line: int


_Value: TypeAlias = str | list[_Node] | dict[str, _Node]


def _document(text: str) -> _Node | None:
    try:
        events = _events(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        _refuse(line, f"this is not YAML: {_shown(error.problem or str(error.context))}")
    except yaml.YAMLError as error:
        raise ManifestError(f"{MANIFEST_NAME} is not YAML: {_shown(' '.join(str(error).split()))}") from None
    events.reverse()
    return _node(events) if events else None


def _events(text: str) -> list[_Event]:
    events: list[_Event] = []
    documents = depth = 0
    # checked event by event: the scanner takes minutes for ten thousand brackets, if it is let
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        documents += isinstance(event, yaml.DocumentStartEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if documents > 1:
            _refuse(_line(event), "a second document starts here; write only one")
        if depth > MAX_DEPTH:
            _refuse(_line(event), f"it is nested more than {MAX_DEPTH} levels deep")
        if isinstance(event, (yaml.NodeEvent, yaml.CollectionEndEvent)):
            events.append(event)
    is_empty = len(events) == 1 and isinstance(events[0], yaml.ScalarEvent) and not events[0].value
    return [] if is_empty else events


def _node(events: list[_Event], key_line: int | None = None) -> _Node:
    """Take one value from ``events``, whose last is the next."""
    event = events.pop()
    line = _line(event)
    if not isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)) or event.anchor is not None:
        _refuse(line, "anchors (&) and aliases (*) are not understood; write the value out")
    if event.tag is not None:
        _refuse(line, f"the tag {_shown(event.tag)} is not understood; leave it out")
    value: _Value
    if isinstance(event, yaml.ScalarEvent):
        value = event.value
    elif isinstance(event, yaml.SequenceStartEvent):
        value = []
        while not isinstance(events[-1], yaml.SequenceEndEvent):
            value.append(_node(events))
        events.pop()
    else:
        value = {}
        while not isinstance(events[-1], yaml.MappingEndEvent):
            key = _node(events)
            name = _text(key, "a key")
            if name in value:
                _refuse(key.line, f"{_shown(name)} is written twice, first in line {value[name].key_line}")
            value[name] = _node(events, key.line)
        events.pop()
    return _Node(value, line, key_line or line)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


# --- what the values must be ------------------------------------------------------------------------------------------


def _mapping(node: _Node, what: str) -> dict[str, _Node]:
    if not isinstance(node.value, dict):
        _refuse(node.key_line, f"{what} should hold lines of the form 'key: value'")
    if len(node.value) > MAX_ENTRIES:
        _refuse(node.line, f"{what} has {len(node.value):,} entries, at most {MAX_ENTRIES} are read")
    return node.value


def _text(node: _Node, what: str) -> str:
    if not isinstance(node.value, str) or not node.value.strip():
        _refuse(node.key_line, f"{what} should be a piece of text")
    if len(node.value) > MAX_TEXT:
        _refuse(node.line, f"{what} has {len(node.value):,} characters, at most {MAX_TEXT} are read")
    if not node.value.isprintable():
        _refuse(node.line, f"{what} has characters that do not print")
    return node.value.strip()


def _place(node: _Node, what: str) -> str:
    path, name = split_place(_text(node, what))
    pure = PurePosixPath(path)
    if not path or pure.is_absolute() or ".." in pure.parts:
        _refuse(node.line, f"{what}: {_shown(path)} should be a file of the submission, such as hw4.ipynb")
    if name is not None and not name.isidentifier():
        _refuse(node.line, f"{what}: {_shown(name)} after the colon should be the name of a function or class")
    return str(pure) if name is None else f"{pure}:{name}"


def _names(node: _Node, what: str) -> tuple[str, ...]:
    if not isinstance(node.value, list) or not node.value:
        _refuse(node.key_line, f"{what} should be a list, such as [loss, gradients]")
    if len(node.value) > MAX_ENTRIES:
        _refuse(node.line, f"{what} has {len(node.value):,} entries, at most {MAX_ENTRIES} are read")
    return tuple(_text(item, what) for item in node.value)


def _suggestion(word: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; the keys are {', '.join(known)}"


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:59] + "…")


def _refuse(line: int, message: str) -> NoReturn:
    raise ManifestError(f"{MANIFEST_NAME}, line {line}: {message}")
