"""Writing SVG: elements with escaped attributes, and texts whose width has to be guessed."""

import unicodedata
from collections.abc import Iterable
from html import escape
from typing import TypeAlias

from markupsafe import Markup

from grader.text import SMALLEST_LIMIT, safe

TEXT_SIZE = 12.0
"""Height of all text, in the units of the drawings, which are pixels where a drawing has its natural size."""
_LETTER_WIDTH = 0.56

Value: TypeAlias = str | float


def element(name: str, /, *children: str | Markup, **attributes: Value) -> Markup:
    """Return ``<name …>children</name>``.

    Args:
        name: of the element, trusted.
        children: text, which is made harmless and escaped, or markup, which is left as it is.
        attributes: ``stroke_width`` is written ``stroke-width`` and ``class_`` is written ``class``; numbers are
            rounded to one decimal.
    """
    written = [f' {key.rstrip("_").replace("_", "-")}="{_attribute(value)}"' for key, value in attributes.items()]
    start = f"<{name}{''.join(written)}"
    if not children:
        return Markup(f"{start}/>")
    return Markup(f"{start}>{''.join(map(_content, children))}</{name}>")


def joined(elements: Iterable[Markup]) -> Markup:
    """Return elements one after the other."""
    return Markup("".join(elements))


def drawing(title: str, width: float, height: float, *children: Markup) -> Markup:
    """Return a whole SVG, which shrinks where there is less room than ``width`` and is one picture for screen readers.

    Args:
        title: what it shows; it is read out instead of the picture.
        width, height: natural size in pixels.
        children: its elements.
    """
    return element(
        "svg",
        element("title", title),
        *children,
        viewBox=f"0 0 {number(width)} {number(height)}",
        width=width,
        height=height,
        role="img",
        class_="chart",
    )


def text(content: str, x: float, y: float, **attributes: Value) -> Markup:
    """Return a text whose baseline begins at ``(x, y)``; ``text_anchor`` moves it as usual."""
    return element("text", content, x=x, y=y, **attributes)


def text_width(content: str) -> float:
    """Return about how wide ``content`` is drawn, in pixels."""
    cells = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in content)
    return cells * TEXT_SIZE * _LETTER_WIDTH


def clipped(content: str, letters: int) -> str:
    """Return ``content`` made harmless, and with an ellipsis in place of what exceeds ``letters`` characters."""
    shown = safe(content, limit=max(letters + 1, SMALLEST_LIMIT))
    return shown if len(shown) <= letters else shown[: letters - 1] + "…"


def number(value: float) -> str:
    """Return a coordinate with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def points(places: list[tuple[float, float]]) -> str:
    """Return places as the attribute ``points`` of a line or polygon wants them."""
    return " ".join(f"{number(x)},{number(y)}" for x, y in places)


def _content(child: str | Markup) -> str:
    return child if isinstance(child, Markup) else escape(safe(child))


def _attribute(value: Value) -> str:
    return escape(value) if isinstance(value, str) else number(value)
