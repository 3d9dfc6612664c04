"""Means with their spread, side by side: a row for each network, a mark in it for each framework and publication."""

from collections.abc import Sequence

import msgspec
from markupsafe import Markup

from grader.pages import svg
from grader.pages.charts.strokes import marker, stroke_class
from grader.pages.scale import Scale, axis, is_drawn, written

WIDTH = 860.0
NAME_LETTERS = 44

_TOP, _BOTTOM = 30.0, 40.0
_STEP = 12.0


class Interval(msgspec.Struct, frozen=True):
    """A mean, the standard deviation around it (``None`` if there is none) and the numbers that it is the mean of."""

    mean: float
    deviation: float | None = None
    values: tuple[float, ...] = ()


class Group(msgspec.Struct, frozen=True):
    """The marks of one series: one for each row, ``None`` where there is none."""

    name: str
    intervals: tuple[Interval | None, ...]


def intervals(title: str, x_label: str, rows: Sequence[str], groups: Sequence[Group]) -> Markup:
    """Return a chart with a row for each of ``rows`` and, in it, a mark with error bars for each of ``groups``."""
    names = [svg.clipped(name, NAME_LETTERS) for name in rows]
    left = 16 + max((svg.text_width(name) for name in names), default=0.0)
    height_of_row = _STEP * (len(groups) + 1)
    bottom = _TOP + height_of_row * len(rows)
    x, ticks = axis(_extent(groups), left + 8, WIDTH - 24)
    drawn = [_names_of(groups, left)]
    for tick in ticks:
        drawn.append(svg.element("line", x1=x(tick), x2=x(tick), y1=_TOP, y2=bottom, class_="grid"))
        drawn.append(svg.text(written(tick), x(tick), bottom + 16, text_anchor="middle", class_="tick"))
    drawn.append(svg.text(svg.clipped(x_label, 60), (left + WIDTH) / 2, bottom + 33, text_anchor="middle"))
    for number, name in enumerate(names):
        top = _TOP + height_of_row * number
        drawn.append(svg.element("line", x1=0, x2=WIDTH - 16, y1=top, y2=top, class_="axis"))
        drawn.append(svg.text(name, left, top + height_of_row / 2 + 4, text_anchor="end"))
        for place, group in enumerate(groups):
            interval = group.intervals[number]
            if interval is not None and is_drawn(interval.mean):
                where = f"{name}, {svg.clipped(group.name, 30)}"
                drawn.append(_interval(interval, place, top + _STEP * (place + 1), x, where))
    drawn.append(svg.element("line", x1=0, x2=WIDTH - 16, y1=bottom, y2=bottom, class_="axis"))
    return svg.drawing(title, WIDTH, bottom + _BOTTOM, *drawn)


def _extent(groups: Sequence[Group]) -> list[float]:
    ends = []
    for group in groups:
        for interval in group.intervals:
            if interval is not None:
                spread = interval.deviation or 0.0
                ends += [interval.mean - spread, interval.mean + spread, *interval.values]
    return [end for end in ends if is_drawn(end)]


def _names_of(groups: Sequence[Group], left: float) -> Markup:
    drawn, place = [], left + 8
    for number, group in enumerate(groups):
        name = svg.clipped(group.name, 30)
        drawn += [marker(number, place, 14), svg.text(name, place + 9, 18)]
        place += svg.text_width(name) + 34
    return svg.joined(drawn)


def _interval(interval: Interval, stroke: int, y: float, x: Scale, where: str) -> Markup:
    drawn = []
    look = f"whisker {stroke_class(stroke)}"
    note = f"{where}: {written(interval.mean)}"
    if interval.deviation is not None and is_drawn(interval.deviation):
        low, high = x(interval.mean - interval.deviation), x(interval.mean + interval.deviation)
        ends = f"M{svg.number(low)} {svg.number(y - 3)}v6m0-3H{svg.number(high)}m0-3v6"
        drawn.append(svg.element("path", d=ends, class_=look))
        note += f" ± {written(interval.deviation)}"
    single = f"single {stroke_class(stroke)}"
    drawn += [svg.element("circle", cx=x(v), cy=y, r=1.6, class_=single) for v in interval.values if is_drawn(v)]
    drawn.append(marker(stroke, x(interval.mean), y, note))
    return svg.joined(drawn)
