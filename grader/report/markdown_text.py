"""Text made harmless for Markdown as GitHub and GitLab read it. Nothing here knows what a report is. Pure."""

import re
from collections.abc import Sequence

from grader.text import DEFAULT_LIMIT, safe

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_STRUCTURE = re.compile(r"[\\`*_{}\[\]#!|~$&<>]|:(?=//)|(?<=www)\.")
_LIST_OR_RULE = re.compile(r"^(\d*)([-+=.)])")
# the platforms turn these into notifications and references even where the sign is escaped
_MENTION = re.compile(r"@(?=\w)")
_REFERENCE = re.compile(r"#(?=\d)")


def prose(text: str, limit: int = DEFAULT_LIMIT) -> str:
    """Return ``text`` in one line in which nothing is markup, a link, a mention or a reference.

    ``@name`` and ``#1`` are written with full-width signs. It may stand in a paragraph, a heading or a table's cell.
    """
    plain = _REFERENCE.sub("＃", _MENTION.sub("＠", safe(text, limit=limit).strip()))
    escaped = _STRUCTURE.sub(lambda match: _ENTITIES.get(match[0], f"\\{match[0]}"), plain)
    return _LIST_OR_RULE.sub(r"\1\\\2", escaped)


def code(text: str, limit: int = DEFAULT_LIMIT) -> str:
    """Return ``text`` in one line as a code span. Not for a table's cell, where a ``|`` would end it."""
    shown = safe(text, limit=limit)
    fence = "`" * (_longest_run(shown) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") or not shown.strip() else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def block(text: str) -> str:
    """Return ``text``, which has passed ``safe`` already, as a fenced block that nothing in it can end."""
    fence = "`" * max(_longest_run(text) + 1, 3)
    return f"{fence}text\n{text}\n{fence}"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool]) -> str:
    """Return a table. Cells have passed :func:`prose`; columns marked ``numeric`` are aligned to the right."""
    lines = [headings, ["---:" if right else "---" for right in numeric], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
