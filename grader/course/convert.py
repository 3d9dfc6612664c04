"""Turns nodes of a YAML file into typed values through msgspec, reporting every mistake with its line.

msgspec stops at the first mistake of what it converts. So structs, lists and mappings are walked here, entry by entry,
and msgspec converts what is left: scalars, enums, constrained numbers and unions.
"""

import functools
import re
import types
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec

from grader.course.errors import Problems, did_you_mean
from grader.course.yaml_source import Node

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)

_WORDS = {
    "array": "a list",
    "bool": "true or false",
    "float": "a number",
    "int": "a whole number",
    "object": "a mapping (key: value)",
    "str": "text",
}
_EXPECTED = re.compile(r"Expected `(?P<types>[^`]+)`(?P<bound>(?! matching)[^,`]*)")
_PATH = re.compile(r" - at `\$(?P<path>[^`]*)`$")
_STEP = re.compile(r"\.([^.\[\]]+)|\[([0-9]+)\]")
_BARE_NUMBER = "write it in quotes if it is meant as text"


def convert(node: Node, type_: Any, what: str, problems: Problems) -> Any:
    """Return ``node`` as a value of ``type_``, or ``None`` after adding to ``problems`` every reason why it is not one.

    ``None`` is never a value: an empty entry is a mistake. ``what`` names the entry in messages, for example
    ``'points' in criterion 'loss'``. A type with a classmethod ``read`` (see :mod:`grader.course.units`) reads itself.
    """
    if node.content is None:
        problems.add(node.source, f"{what} is empty", "write a value or leave the key out")
        return None
    type_ = _without_none(type_)
    if hasattr(type_, "read"):
        return read(node, type_.read, what, problems)
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        if not isinstance(node.content, dict):
            return _wrong_type(node, "object", what, problems)
        return convert_struct(node.content, type_, node, what, problems)
    origin, arguments = get_origin(type_), get_args(type_)
    if origin is list or (origin is tuple and arguments[1:] == (...,)):
        return _convert_list(node, origin, arguments[0], what, problems)
    if origin is dict and arguments[0] is str:
        return _convert_dict(node, arguments[1], what, problems)
    return _convert_leaf(node, type_, what, problems)


def read(node: Node, reader: Callable[[object], T], what: str, problems: Problems) -> T | None:
    """Return what ``reader`` makes of a node; its ``ValueError`` completes a sentence that starts with ``what``."""
    if node.content is None:
        problems.add(node.source, f"{what} is empty", "write a value or leave the key out")
        return None
    if isinstance(node.content, tuple | dict | bool):
        problems.add(node.source, f"{what} must be one value, not {node.describe()}")
        return None
    try:
        return reader(node.content)
    except ValueError as error:
        problems.add(node.source, f"{what} {error}")
        return None


def convert_struct(
    entries: Mapping[str, Node],
    type_: type[S],
    node: Node,
    what: str,
    problems: Problems,
    also_known: Iterable[str] = (),
) -> S | None:
    """Return ``entries`` of ``node`` as a struct, or ``None`` after reporting all that is missing, unknown or wrong.

    ``also_known`` are keys that belong to somebody else: they are not in ``entries``, but a typo may have meant one.
    """
    before = len(problems)
    fields = fields_of(type_)
    values: dict[str, Any] = {}
    for name, entry in entries.items():
        if name not in fields:
            problems.add(entry.source, f"unknown key '{name}' in {what}", did_you_mean(name, [*fields, *also_known]))
    for name, field in fields.items():
        if name in entries:
            values[field.name] = convert(entries[name], field.type, f"'{name}' in {what}", problems)
        elif field.required:
            problems.add(node.source, f"{what} has no '{name}'")
    if len(problems) > before:
        return None
    try:
        return type_(**values)
    except (TypeError, ValueError) as error:
        problems.add(node.source, f"{what}: {error}")
        return None


@functools.cache
def fields_of(type_: type[msgspec.Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    """Return a struct's fields by the keys that a rubric uses for them."""
    return {field.encode_name: field for field in msgspec.structs.fields(type_)}


def _without_none(type_: Any) -> Any:
    """``X | None`` as ``X``: a rubric leaves a key out instead of writing null."""
    if get_origin(type_) in (Union, types.UnionType):
        members = tuple(member for member in get_args(type_) if member is not type(None))
        return Union[members]  # noqa: UP007 - made at run time
    return type_


def _convert_list(node: Node, origin: type, item_type: Any, what: str, problems: Problems) -> Any:
    if not isinstance(node.content, tuple):
        return _wrong_type(node, "array", what, problems)
    before = len(problems)
    items = [
        convert(item, item_type, f"entry {number} of {what}", problems) for number, item in enumerate(node.content, 1)
    ]
    return origin(items) if len(problems) == before else None


def _convert_dict(node: Node, value_type: Any, what: str, problems: Problems) -> Any:
    if not isinstance(node.content, dict):
        return _wrong_type(node, "object", what, problems)
    before = len(problems)
    values = {key: convert(entry, value_type, f"'{key}' in {what}", problems) for key, entry in node.content.items()}
    return values if len(problems) == before else None


def _convert_leaf(node: Node, type_: Any, what: str, problems: Problems) -> Any:
    try:
        return msgspec.convert(node.plain(), type_, dec_hook=_read_hook)
    except msgspec.ValidationError as error:
        message = str(error)
    path = _PATH.search(message)
    message = _PATH.sub("", message)
    culprit = _descend(node, path["path"]) if path else node
    if culprit is not node:
        what = f"an entry of {what}"
    if (choices := _choices(type_)) and culprit is node:
        hint = did_you_mean(node.written, choices) if isinstance(node.content, str) else ""
        hint = "" if hint.startswith("known") else hint
        problems.add(node.source, f"{what} must be one of {', '.join(choices)}, not {node.describe()}", hint)
        return None
    expected = _EXPECTED.match(message)
    if expected is None:
        problems.add(culprit.source, f"{what}: {message}")
        return None
    return _wrong_type(culprit, expected["types"], what, problems, expected["bound"])


def _read_hook(type_: Any, written: object) -> Any:
    if hasattr(type_, "read"):
        return type_.read(written)
    raise TypeError(f"options of type {type_.__name__} cannot be written in a rubric")


def _wrong_type(node: Node, expected: str, what: str, problems: Problems, bound: str = "") -> None:
    words = " or ".join(_WORDS.get(name, name) for name in expected.split(" | ") if name != "null") + bound
    hint = _BARE_NUMBER if expected == "str" and isinstance(node.content, int | float) else ""
    problems.add(node.source, f"{what} must be {words}, not {node.describe()}", hint)


def _choices(type_: Any) -> list[str]:
    if isinstance(type_, type) and issubclass(type_, Enum):
        return [str(member.value) for member in type_]
    return [str(value) for value in get_args(type_)] if get_origin(type_) is Literal else []


def _descend(node: Node, path: str) -> Node:
    """Follow msgspec's path (``.points_by[...]``) as far as it is spelled out."""
    for key, index in _STEP.findall(path):
        if isinstance(node.content, dict) and key in node.content:
            node = node.content[key]
        elif isinstance(node.content, tuple) and index:
            node = node.content[int(index)]
        else:
            break
    return node
