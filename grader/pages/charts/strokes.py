"""What tells series apart besides their colour: markers and dashes."""

from markupsafe import Markup

from grader.pages.svg import element

STROKES = 6
"""After so many series the strokes repeat. The classes ``stroke-0`` and so on of the style sheet have the colours."""

_DASHES = ("none", "7 3", "2 3", "10 3 2 3", "4 4", "none")
_SHAPES = (
    "M-3.2 0a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0-6.4 0z",  # circle
    "M-2.9-2.9h5.8v5.8h-5.8z",  # square
    "M0-4L4 0L0 4L-4 0z",  # diamond
    "M0-3.8L3.8 3H-3.8z",  # triangle
    "M0 3.8L3.8-3H-3.8z",  # triangle on its tip
    "M-3-3L3 3M-3 3L3-3",  # cross
)


def stroke_class(stroke: int) -> str:
    """Return the class that gives an element the colour of ``stroke``."""
    return f"stroke-{stroke % STROKES}"


def dashes(stroke: int) -> str:
    """Return the attribute ``stroke-dasharray`` of ``stroke``."""
    return _DASHES[stroke % STROKES]


def marker(stroke: int, x: float, y: float, note: str = "") -> Markup:
    """Return the mark of ``stroke`` at a place. ``note`` appears where a pointer rests on it."""
    inside = [element("title", note)] if note else []
    place = f"translate({x:.1f} {y:.1f})"
    return element(
        "path", *inside, d=_SHAPES[stroke % STROKES], transform=place, class_=f"marker {stroke_class(stroke)}"
    )
