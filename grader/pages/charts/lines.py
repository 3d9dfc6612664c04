"""Lines over the numbers 1, 2, 3 …: learning curves, each with the spread of several trainings around it."""

from collections.abc import Sequence

import msgspec
from markupsafe import Markup

from grader.pages import svg
from grader.pages.charts.strokes import dashes, marker, stroke_class
from grader.pages.scale import Scale, axis, counting_marks, is_drawn, kept, written

WIDTH, HEIGHT = 460.0, 270.0
MOST_POINTS = 400
MOST_MARKERS = 12
NAME_LETTERS = 26

_LEFT, _TOP, _BOTTOM = 52.0, 16.0, 44.0
_LABEL_GAP = 15.0


class Line(msgspec.Struct, frozen=True):
    """One line.

    Attributes:
        name: stands at its end.
        values: the first belongs to 1; ``None`` leaves a gap.
        stroke: which colour, dashes and markers it has; lines with the same look belong together.
        lowest, highest: of the trainings that ``values`` is the mean of, one for each value; empty without a spread.
        plain: without markers.
    """

    name: str
    values: tuple[float | None, ...]
    stroke: int
    lowest: tuple[float | None, ...] = ()
    highest: tuple[float | None, ...] = ()
    plain: bool = False


def lines(title: str, x_label: str, y_label: str, shown: Sequence[Line]) -> Markup:
    """Return a chart of ``shown``, with a name at the end of each line, which need not be told apart by colour."""
    names = [svg.clipped(line.name, NAME_LETTERS) for line in shown]
    right = WIDTH - 22 - max((svg.text_width(name) for name in names), default=0.0)
    numbers = [v for line in shown for v in (*line.values, *line.lowest, *line.highest) if is_drawn(v)]
    y, y_ticks = axis(numbers, HEIGHT - _BOTTOM, _TOP)
    count = max((len(line.values) for line in shown), default=1)
    x = Scale(1.0, float(max(count, 2)), _LEFT + 8, right)
    parts = [_axes(x_label, y_label, x, y, y_ticks, count, right)]
    parts += [_band(line, x, y) for line in shown if line.lowest]
    parts += [_line(line, x, y, x_label) for line in shown]
    parts.append(_names(shown, names, x, y, right))
    return svg.drawing(title, WIDTH, HEIGHT, *parts)


def _axes(x_label: str, y_label: str, x: Scale, y: Scale, y_ticks: Sequence[float], count: int, right: float) -> Markup:
    bottom = HEIGHT - _BOTTOM
    drawn = [svg.element("line", x1=_LEFT, x2=right, y1=y(tick), y2=y(tick), class_="grid") for tick in y_ticks]
    drawn += [svg.text(written(tick), _LEFT - 6, y(tick) + 4, text_anchor="end", class_="tick") for tick in y_ticks]
    drawn.append(svg.element("line", x1=_LEFT, x2=right, y1=bottom, y2=bottom, class_="axis"))
    for mark in counting_marks(count):
        place = x(mark)
        drawn.append(svg.element("line", x1=place, x2=place, y1=bottom, y2=bottom + 4, class_="axis"))
        drawn.append(svg.text(f"{mark:,}", place, bottom + 17, text_anchor="middle", class_="tick"))
    drawn.append(svg.text(svg.clipped(x_label, 30), (_LEFT + right) / 2, HEIGHT - 8, text_anchor="middle"))
    middle = (_TOP + bottom) / 2
    turned = f"rotate(-90 12 {svg.number(middle)})"
    drawn.append(svg.text(svg.clipped(y_label, 30), 12, middle, text_anchor="middle", transform=turned))
    return svg.joined(drawn)


def _band(line: Line, x: Scale, y: Scale) -> Markup:
    places = kept(min(len(line.lowest), len(line.highest)), MOST_POINTS)
    above = [(x(i + 1), y(high)) for i in places if is_drawn(high := line.highest[i])]
    below = [(x(i + 1), y(low)) for i in places if is_drawn(low := line.lowest[i])]
    return svg.element("polygon", points=svg.points(above + below[::-1]), class_=f"band {stroke_class(line.stroke)}")


def _line(line: Line, x: Scale, y: Scale, x_label: str) -> Markup:
    drawn = []
    look = {"class_": f"line {stroke_class(line.stroke)}", "stroke_dasharray": dashes(line.stroke)}
    for run in _without_gaps(line.values):
        places = [(x(index + 1), y(value)) for index, value in run]
        drawn.append(svg.element("polyline", points=svg.points(places), **look))
    if not line.plain:
        for index in kept(len(line.values), MOST_MARKERS):
            value = line.values[index]
            if is_drawn(value):
                note = f"{svg.clipped(line.name, 60)}, {svg.clipped(x_label, 30)} {index + 1}: {written(value)}"
                drawn.append(marker(line.stroke, x(index + 1), y(value), note))
    return svg.joined(drawn)


def _without_gaps(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """Return the runs of numbers between gaps, as (place, number), thinned out where there are very many."""
    runs: list[list[tuple[int, float]]] = [[]]
    for index in kept(len(values), MOST_POINTS):
        value = values[index]
        if is_drawn(value):
            runs[-1].append((index, value))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _names(shown: Sequence[Line], names: Sequence[str], x: Scale, y: Scale, right: float) -> Markup:
    """Write each name beside the end of its line, moved up or down as far as names would overlap."""
    ends = []
    for number, line in enumerate(shown):
        last = next((i for i in reversed(range(len(line.values))) if is_drawn(line.values[i])), None)
        if last is not None:
            value = line.values[last]
            assert value is not None
            ends.append((y(value), x(last + 1), number))
    ends.sort()
    drawn = []
    for (end, start, number), place in zip(ends, _apart([end for end, _, _ in ends]), strict=True):
        stroke = shown[number].stroke
        drawn.append(
            svg.element("line", x1=start, y1=end, x2=right + 9, y2=place, class_=f"leader {stroke_class(stroke)}")
        )
        drawn.append(marker(stroke, right + 12, place))
        drawn.append(svg.text(names[number], right + 19, place + 4))
    return svg.joined(drawn)


def _apart(wanted: Sequence[float]) -> list[float]:
    """Return heights near ``wanted``, which are sorted, at least a line of text from each other and in the drawing."""
    lowest_allowed = HEIGHT - _BOTTOM
    placed: list[float] = []
    for height in wanted:
        placed.append(max(height, placed[-1] + _LABEL_GAP) if placed else height)
    if placed:
        placed[-1] = min(placed[-1], lowest_allowed)
    for index in reversed(range(len(placed) - 1)):
        placed[index] = min(placed[index], placed[index + 1] - _LABEL_GAP)
    return placed
