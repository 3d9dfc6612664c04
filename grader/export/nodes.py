"""Editing a rubric as a tree of YAML nodes. Comments are lost on the way, and with them what they say in passing."""

from collections.abc import Callable

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode


def parse(text: str) -> MappingNode:
    """Return the tree of a rubric that has been loaded before, so that it is known to be a mapping."""
    root = yaml.compose(text, Loader=yaml.BaseLoader)
    assert isinstance(root, MappingNode)
    return root


def text_of(root: Node) -> str:
    """Return the tree as YAML. Scalars keep their style, so that numbers stay numbers and text stays text."""
    text: str = yaml.serialize(root, Dumper=yaml.BaseDumper, allow_unicode=True, width=120)
    return text


def value(mapping: Node, key: str) -> Node | None:
    """Return what ``mapping`` has under ``key``; ``None`` if it has no such key, or is no mapping."""
    entries: list[tuple[Node, Node]] = mapping.value if isinstance(mapping, MappingNode) else []
    return next((entry for name, entry in entries if name.value == key), None)


def scalar(mapping: Node, key: str) -> str:
    """Return the text under ``key``, empty if there is none."""
    found = value(mapping, key)
    return found.value if isinstance(found, ScalarNode) else ""


def items(mapping: Node, key: str) -> list[Node]:
    """Return the list under ``key``, empty if there is none."""
    found = value(mapping, key)
    return list(found.value) if isinstance(found, SequenceNode) else []


def keep_keys(mapping: Node | None, wanted: Callable[[str], bool]) -> None:
    """Remove the keys of ``mapping`` that are not ``wanted``."""
    if isinstance(mapping, MappingNode):
        mapping.value = [(name, entry) for name, entry in mapping.value if wanted(name.value)]


def keep_items(mapping: Node, key: str, wanted: Callable[[Node], bool]) -> None:
    """Remove items of the list under ``key`` that are not ``wanted``, and the key if none is left."""
    found = value(mapping, key)
    if isinstance(found, SequenceNode):
        found.value = [item for item in found.value if wanted(item)]
        if not found.value:
            keep_keys(mapping, lambda name: name != key)


def set_texts(mapping: MappingNode, key: str, texts: list[str]) -> None:
    """Put a list of texts under ``key``."""
    keep_keys(mapping, lambda name: name != key)
    listed = SequenceNode("tag:yaml.org,2002:seq", [_text(text) for text in texts], flow_style=True)
    mapping.value.append((_text(key), listed))


def _text(text: str) -> ScalarNode:
    return ScalarNode("tag:yaml.org,2002:str", text)
