"""Bars against a common bound, by powers of ten where the numbers lie far apart: the error of each gradient."""

from collections.abc import Mapping

from markupsafe import Markup

from grader.pages import svg
from grader.pages.scale import SMALLEST, Scale, axis, axis_by_powers, is_drawn, written

WIDTH = 520.0
NAME_LETTERS = 28
FAR_APART = 100.0

_ROW = 26.0
_TOP, _BOTTOM = 24.0, 42.0
_SMALLEST_ERROR = 1e-17


def bars(title: str, unit: str, values: Mapping[str, float | None], bound: float | None = None) -> Markup:
    """Return one bar for each of ``values``, its number beside it, and said in words whether it exceeds ``bound``.

    Args:
        title: of the chart.
        unit: of the numbers.
        values: by name; ``None`` is written as "not finite" and has no bar.
        bound: the largest number that is allowed, drawn as a line.
    """
    names = [svg.clipped(name, NAME_LETTERS) for name in values]
    left = 16 + max((svg.text_width(name) for name in names), default=0.0)
    right = WIDTH - 116
    bottom = _TOP + _ROW * len(names)
    x, ticks = _axis([v for v in (*values.values(), bound) if is_drawn(v)], left, right)
    drawn = []
    for tick in ticks:
        drawn.append(svg.element("line", x1=x(tick), x2=x(tick), y1=_TOP, y2=bottom, class_="grid"))
        shown = f"{tick:.0e}" if x.by_powers else written(tick)
        drawn.append(svg.text(shown, x(tick), bottom + 16, text_anchor="middle", class_="tick"))
    rows = [
        _row(name, value, bound, x, left, _TOP + _ROW * number)
        for number, (name, value) in enumerate(zip(names, values.values(), strict=True))
    ]
    drawn += [bar for bar, _ in rows]
    drawn.append(svg.element("line", x1=left, x2=left, y1=_TOP, y2=bottom, class_="axis"))
    if bound is not None and is_drawn(bound):
        drawn.append(svg.element("line", x1=x(bound), x2=x(bound), y1=_TOP - 6, y2=bottom, class_="bound"))
        drawn.append(svg.text(f"allowed {written(bound)}", x(bound), 13, text_anchor="middle"))
    drawn += [words for _, words in rows]
    drawn.append(svg.text(svg.clipped(unit, 60), (left + right) / 2, bottom + 34, text_anchor="middle"))
    return svg.drawing(title, WIDTH, bottom + _BOTTOM, *drawn)


def is_above(value: float | None, bound: float | None) -> bool:
    """Whether ``value`` is more than allowed; a number that is not finite always is."""
    return bound is not None and (value is None or not value <= bound)


def _axis(numbers: list[float], left: float, right: float) -> tuple[Scale, tuple[float, ...]]:
    positive = [max(number, _SMALLEST_ERROR) for number in numbers if number >= 0]
    if len(positive) == len(numbers) and numbers and max(positive) > FAR_APART * min(positive):
        return axis_by_powers(positive, left, right)
    return axis([0.0, *numbers], left, right)


def _row(
    name: str, value: float | None, bound: float | None, x: Scale, left: float, top: float
) -> tuple[Markup, Markup]:
    """Return the bar, which lies under the line of the bound, and the words, which lie over it."""
    above = is_above(value, bound)
    bar, end = Markup(), left
    if is_drawn(value) and abs(value) > SMALLEST:
        zero = left if x.by_powers else x(0.0)
        start, end = sorted((zero, x(value)))
        look = "bar above" if above else "bar"
        bar = svg.element("rect", x=start, y=top + 5, width=end - start, height=_ROW - 10, class_=look)
    middle = top + _ROW / 2 + 4
    said = "not finite" if value is None else written(value)
    words = svg.text(name, left - 6, middle, text_anchor="end")
    return bar, words + svg.text(f"{said}, above" if above else said, end + 6, middle, class_="halo")
