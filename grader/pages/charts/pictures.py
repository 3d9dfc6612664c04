"""Small grey pictures in a grid: the kernels of a convolution."""

from collections.abc import Sequence
from typing import TypeAlias

from markupsafe import Markup

from grader.pages import svg

MOST_PIXELS = 40_000
SHADES = 24

_WIDTH = 520.0

Picture: TypeAlias = Sequence[Sequence[float]]


def pictures(title: str, shown: Sequence[Picture], low: float, high: float) -> Markup:
    """Return ``shown`` in rows, black for ``low`` and white for ``high``.

    All pixels of one shade are one path: 256 kernels of 3×3 take some 36 kB.

    Args:
        title: what they are.
        shown: pictures of one size, ``picture[row][column]``, with at most :data:`MOST_PIXELS` pixels together.
        low, high: the numbers that are black and white.

    Raises:
        ValueError: the pictures have different sizes or none, or more pixels than that.
    """
    sizes = {(len(picture), len(row)) for picture in shown for row in picture}
    if len(sizes) != 1:
        raise ValueError(f"pictures must have one size, not {len(sizes)}")
    ((height, width),) = sizes
    if height * width * len(shown) > MOST_PIXELS:
        raise ValueError(f"{len(shown)} pictures of {height}×{width} cannot be drawn: {MOST_PIXELS:,} pixels can")
    pixel, columns = _layout(len(shown), width)
    step_x, step_y = width * pixel + 3, height * pixel + 3
    paths: dict[int, list[str]] = {}
    for number, picture in enumerate(shown):
        left, top = number % columns * step_x, number // columns * step_y
        for row, line in enumerate(picture):
            for column, value in enumerate(line):
                place = (
                    f"M{svg.number(left + column * pixel)} {svg.number(top + row * pixel)}h{pixel}v{pixel}h-{pixel}z"
                )
                paths.setdefault(_shade(value, low, high), []).append(place)
    drawn = [svg.element("path", d="".join(paths[shade]), fill=_grey(shade)) for shade in sorted(paths)]
    rows = -(-len(shown) // columns)
    shapes = svg.element("g", *drawn, shape_rendering="crispEdges")
    return svg.drawing(title, columns * step_x - 3, rows * step_y - 3, shapes)


def _layout(count: int, width: int) -> tuple[int, int]:
    """Return the size of a pixel and the number of columns: a square grid of few pictures, a wide one of many."""
    pixel = next((size for size in (8, 6, 4, 2) if (width * size + 3) * min(count, 16) <= _WIDTH), 1)
    fitting = max(1, int(_WIDTH // (width * pixel + 3)))
    power = 1
    while power * 2 <= min(fitting, count):
        power *= 2
    return pixel, power


def _shade(value: float, low: float, high: float) -> int:
    share = (value - low) / (high - low) if high > low else 0.5
    return round(min(max(share, 0.0), 1.0) * (SHADES - 1))


def _grey(shade: int) -> str:
    level = round(shade * 255 / (SHADES - 1))
    return f"#{level:02x}{level:02x}{level:02x}"
