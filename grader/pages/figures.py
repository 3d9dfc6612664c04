"""Exhibits as figures: a drawing, what there is to say about it, and the same numbers as a table."""

from collections.abc import Sequence

import msgspec
from markupsafe import Markup

from grader.pages import svg
from grader.pages.charts.bars import bars
from grader.pages.charts.lines import MOST_POINTS, Line, lines
from grader.pages.charts.matrix import MOST_LABELS, matrix
from grader.pages.charts.pictures import MOST_PIXELS, pictures
from grader.pages.scale import is_drawn, kept, written
from grader.results import Bars, Curves, Exhibit, Matrix, Pictures, Table

MOST_SERIES = 8
MOST_BARS = 60
MOST_ROWS = 60

_TITLE = 120


class Figure(msgspec.Struct, frozen=True):
    """What a page shows of something that can be drawn.

    Attributes:
        title: above it.
        drawing: the SVG; ``None`` where ``remark`` says why there is none.
        remark: below it, one sentence or none.
        numbers: for those who would rather read them, or cannot see the drawing.
        is_wide: whether it takes the whole width of the page.
    """

    title: str
    drawing: Markup | None
    remark: str = ""
    numbers: Table | None = None
    is_wide: bool = False


def figure_of(exhibit: Exhibit) -> Figure:
    """Return the figure of ``exhibit``. What is too large to be drawn, or damaged, becomes a sentence."""
    match exhibit:
        case Curves():
            return _of_curves(exhibit)
        case Matrix():
            return figure_of_matrix(exhibit)
        case Pictures():
            return figure_of_pictures(exhibit.title, exhibit.values)
        case Bars():
            return _of_bars(exhibit)


def figure_of_lines(title: str, x_label: str, y_label: str, shown: Sequence[Line], remark: str = "") -> Figure:
    """Return a chart of ``shown`` with its numbers: a row for each number on the x axis."""
    title = svg.clipped(title, _TITLE)
    count = max((len(line.values) for line in shown), default=0)
    if not any(is_drawn(value) for line in shown for value in line.values):
        return Figure(title, None, "No number of it is finite." if count else "There is nothing in it.")
    rows = []
    for index in kept(count, MOST_ROWS):
        values = [line.values[index] if index < len(line.values) else None for line in shown]
        rows.append((str(index + 1), *("–" if value is None else written(value) for value in values)))
    names = tuple(svg.clipped(line.name, _TITLE) for line in shown)
    numbers = Table((x_label, *names), tuple(rows), (x_label, *names))
    remarks = [remark] if remark else []
    if count > MOST_POINTS:
        remarks.append(f"Of {count:,} points {MOST_POINTS} are drawn.")
    return Figure(title, lines(title, x_label, y_label, shown), " ".join(remarks), numbers)


def figure_of_matrix(exhibit: Matrix, remark: str = "") -> Figure:
    """Return a chart of a matrix with its numbers."""
    title = svg.clipped(exhibit.title, _TITLE)
    count = len(exhibit.labels)
    if len(exhibit.values) != count or any(len(row) != count for row in exhibit.values):
        return Figure(title, None, f"It is not {count} by {count}, as its {count} labels ask for.")
    if count > MOST_LABELS:
        return Figure(title, None, f"With {count:,} rows it is too large to be drawn.")
    drawing = matrix(title, exhibit.row_label, exhibit.column_label, exhibit.labels, exhibit.values)
    names = tuple(svg.clipped(label, _TITLE) for label in exhibit.labels)
    rows = tuple((name, *map(str, row)) for name, row in zip(names, exhibit.values, strict=True))
    corner = svg.clipped(f"{exhibit.row_label} ↓ {exhibit.column_label} →", _TITLE)
    return Figure(title, drawing, remark, Table((corner, *names), rows, names))


def figure_of_pictures(title: str, shown: Sequence[Sequence[Sequence[float]]]) -> Figure:
    """Return a chart of pictures of one size, with a remark on which numbers are black and white.

    Where numbers lie on both sides of zero, zero is the grey in the middle.
    """
    title = svg.clipped(title, _TITLE)
    sizes = {(len(picture), len(row)) for picture in shown for row in picture}
    pixels = [value for picture in shown for row in picture for value in row]
    if len(sizes) != 1 or not pixels:
        return Figure(title, None, "The pictures have no common size." if shown else "There are no pictures in it.")
    if not all(is_drawn(value) for value in pixels):
        return Figure(title, None, "Not all of its numbers are finite.")
    if len(pixels) > MOST_PIXELS:
        return Figure(title, None, f"With {len(pixels):,} pixels it is too large to be drawn.")
    low, high = min(pixels), max(pixels)
    if low < 0 < high:
        high = max(high, -low)
        low = -high
    ((height, width),) = sizes
    count = f"{len(shown)} of {height}×{width}" if len(shown) > 1 else f"{height}×{width}"
    remark = f"{count}: black is {written(low)}, white is {written(high)}."
    return Figure(title, pictures(title, shown, low, high), remark)


def _of_curves(exhibit: Curves) -> Figure:
    """The oracle's lines are plain, so that those of the submission stand out."""
    left_out = len(exhibit.series) - MOST_SERIES
    shown = [
        Line(series.name, series.values, number, plain=series.from_oracle)
        for number, series in enumerate(exhibit.series[:MOST_SERIES])
    ]
    remark = f"{left_out} more lines are not drawn." if left_out > 0 else ""
    return figure_of_lines(exhibit.title, exhibit.x_label, exhibit.y_label, shown, remark)


def _of_bars(exhibit: Bars) -> Figure:
    title = svg.clipped(exhibit.title, _TITLE)
    if not exhibit.values:
        return Figure(title, None, "There is nothing in it.")
    shown = dict(list(exhibit.values.items())[:MOST_BARS])
    left_out = len(exhibit.values) - len(shown)
    remark = f"{left_out} more are not drawn." if left_out else ""
    return Figure(title, bars(title, exhibit.unit, shown, exhibit.bound), remark)
