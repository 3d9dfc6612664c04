"""Takes the entries of one mapping of a rubric, one by one, and reports the ones that nobody knows."""

from typing import Any, TypeVar

from grader.course.convert import convert
from grader.course.errors import Problems, did_you_mean
from grader.course.model import Source
from grader.course.yaml_source import Node

T = TypeVar("T")


class Fields:
    """The entries of one mapping, taken one by one.

    What is missing or wrong is added to ``problems`` and a stand-in is returned, so that the rest of the file can be
    read too; nothing built from a stand-in outlives :meth:`Problems.raise_if_any`. ``what`` names the mapping.
    """

    def __init__(self, node: Node, what: str, problems: Problems) -> None:
        self.node = node
        self.what = what
        self.problems = problems
        self.entries: dict[str, Node] = node.content if isinstance(node.content, dict) else {}
        self._taken: dict[str, None] = {}
        self._readable = isinstance(node.content, dict)
        if not self._readable:
            problems.add(node.source, f"{what} must be a mapping (key: value), not {node.describe()}")

    def has(self, key: str) -> bool:
        """Whether the key was written; it counts as known from here on."""
        self._taken[key] = None
        return key in self.entries

    def required(self, key: str, type_: Any, stand_in: T) -> T:
        """Return an entry that must be there, as a value of ``type_``."""
        if key not in self.entries and self._readable:
            self.problems.add(self.node.source, f"{self.what} has no '{key}'")
        return self.optional(key, type_, stand_in)

    def optional(self, key: str, type_: Any, default: T) -> T:
        """Return an entry as a value of ``type_``, or ``default`` if it is not there."""
        node = self.take(key)
        value = None if node is None else convert(node, type_, f"'{key}' in {self.what}", self.problems)
        return default if value is None else value

    def names(self, key: str) -> list[Node]:
        """Return the entries of a list of words; one bare word counts as a list of one."""
        node = self.take(key)
        if node is None:
            return []
        items = node.content if isinstance(node.content, tuple) else (node,)
        words = []
        for item in items:
            if isinstance(item.content, str):
                words.append(item)
            elif item.content is None:
                self.problems.add(item.source, f"'{key}' in {self.what} is empty", "write a name or leave the key out")
            else:
                self.problems.add(
                    item.source, f"'{key}' in {self.what} must be a name or a list of names, not {item.describe()}"
                )
        return words

    def take(self, key: str) -> Node | None:
        """Return an entry's node for a reader of its own; the key counts as known from here on."""
        self._taken[key] = None
        return self.entries.get(key)

    def source(self, key: str) -> Source:
        """Return where an entry was written; the mapping's own place if it was not."""
        return self.entries[key].source if key in self.entries else self.node.source

    def inner_source(self, key: str, inner: str) -> Source:
        """Return where entry ``inner`` of the mapping under ``key`` was written; the place of ``key`` if it was not."""
        content = self.entries[key].content if key in self.entries else None
        return content[inner].source if isinstance(content, dict) and inner in content else self.source(key)

    def untaken(self) -> dict[str, Node]:
        """Return the entries that nobody has taken."""
        return {key: node for key, node in self.entries.items() if key not in self._taken}

    @property
    def known(self) -> list[str]:
        """The keys taken so far."""
        return list(self._taken)

    def close(self) -> None:
        """Report every entry that nobody has taken."""
        for key, node in self.untaken().items():
            self.problems.add(node.source, f"unknown key '{key}' in {self.what}", did_you_mean(key, self.known))
