"""The comments of a cell, told apart from what only looks like one in a string."""

import io
import tokenize
from typing import Any

from grader.sandbox.worker.source import clip

MAX_COMMENT = 300
"""Characters of a comment that are told."""


def comments(text: str) -> list[dict[str, Any]]:
    """Return the comments of a source that Python can read: ``line``, ``text`` without its signs, and whether it
    ``is_alone`` in its line. What stands after a place that cannot be read is left out."""
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                is_alone = not token.line[: token.start[1]].strip()
                plain = clip(token.string.lstrip("#!: ").rstrip(), MAX_COMMENT)
                found.append({"line": token.start[0], "text": plain, "is_alone": is_alone})
    except (tokenize.TokenError, SyntaxError):
        return found
    return found
