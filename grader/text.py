"""Text that came from a student, made harmless for a terminal.

Names, file names, exception messages, source lines and docstrings can hold anything: escape sequences that recolour
or rewrite the screen, bidirectional overrides that reorder a line, zero-width characters that make two names look
alike, a million lines. Every such text passes :func:`safe` before it is printed, and is then never parsed as markup.
"""

import unicodedata

DEFAULT_LIMIT = 400
"""Characters that :func:`safe` returns at most, unless told otherwise."""

SMALLEST_LIMIT = 60
"""The smallest limit that leaves room for the note about what was cut."""

_ESCAPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
# letters and symbols that are drawn as nothing, which Unicode does not class as formatting characters
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")

_PLAIN = str.maketrans(
    {
        "✓": "+",
        "◐": "~",
        "✗": "x",
        "×": "x",
        "·": "-",
        "–": "-",
        "—": "-",
        "−": "-",
        "─": "-",
        "│": "|",
        "→": "->",
        "←": "<-",
        "…": "...",
        "≤": "<=",
        "≥": ">=",
        "≈": "~",
        "‘": "'",
        "’": "'",
        "“": '"',
        "”": '"',
    }
)


def safe(text: str, *, limit: int = DEFAULT_LIMIT, lines: int = 1) -> str:
    r"""Return ``text`` with every character that acts instead of being seen written out, as in ``\x1b``.

    Written out are the control characters C0 and C1, formatting characters (bidirectional controls, zero-width
    characters, tags), lone surrogates, private-use characters, line and paragraph separators and letters that are
    drawn as nothing. A backslash of the text itself stays as it is: the result is for reading, not for decoding.

    Args:
        text: anything.
        limit: characters of the result at most, at least :data:`SMALLEST_LIMIT`. A longer text is cut and says so.
        lines: lines of the result at most. With 1 a newline is written out like any control character.

    Raises:
        ValueError: ``limit`` or ``lines`` is too small.
    """
    if limit < SMALLEST_LIMIT:
        raise ValueError(f"limit must be at least {SMALLEST_LIMIT} characters, got {limit}")
    if lines < 1:
        raise ValueError(f"lines must be at least 1, got {lines}")
    shown = text.replace("\n", "") if lines > 1 and text.count("\n") < lines else text
    if len(text) <= limit and shown.isprintable() and (text.isascii() or _BLANK_LETTERS.isdisjoint(text)):
        # most texts by far, and a report has hundreds; what is printable has none of the categories below
        return text
    if lines > 1:
        text = text.replace("\r\n", "\n")
    pieces: list[str] = []
    length = 0
    newlines = 0
    for character in text[:limit]:
        if character == "\n" and lines > 1:
            newlines += 1
            if newlines == lines:
                break
            piece = character
        else:
            piece = _visible(character)
        if length + len(piece) > limit:
            break
        pieces.append(piece)
        length += len(piece)
    if len(pieces) == len(text):
        return "".join(pieces)
    note = f" … (cut: {len(text):,} characters in all)"
    while length > limit - len(note):
        length -= len(pieces.pop())
    return "".join(pieces) + note


def _visible(character: str) -> str:
    if unicodedata.category(character) in _ESCAPED_CATEGORIES or character in _BLANK_LETTERS:
        return character.encode("unicode_escape").decode("ascii")
    return character


def encodable(text: str, encoding: str) -> str:
    r"""Return ``text`` with what ``encoding`` cannot express replaced: ``→`` by ``->``, other characters by ``\u…``.

    Raises:
        LookupError: Python knows no such encoding.
    """
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_PLAIN).encode(encoding, "backslashreplace").decode(encoding)
    return text
