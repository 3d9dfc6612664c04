"""Whole numbers by row and column, each cell shaded by its share of the row: a confusion matrix."""

from collections.abc import Sequence

from markupsafe import Markup

from grader.pages import svg

MOST_LABELS = 30
NAME_LETTERS = 14

_CELL_WIDTH, _CELL_HEIGHT = 36.0, 24.0
_DARKEST = 0.45


def matrix(
    title: str, row_label: str, column_label: str, labels: Sequence[str], values: Sequence[Sequence[int]]
) -> Markup:
    """Return a chart with one cell for each of ``values``; cells that are zero stay empty.

    Args:
        title: of the chart.
        row_label, column_label: what the rows and the columns are.
        labels: of the rows and, in the same order, of the columns.
        values: ``values[row][column]``, not negative.

    Raises:
        ValueError: the numbers do not fit the labels, or there are more than :data:`MOST_LABELS`.
    """
    count = len(labels)
    if count > MOST_LABELS:
        raise ValueError(f"a matrix with {count} rows cannot be drawn: {MOST_LABELS} are legible")
    if len(values) != count or any(len(row) != count for row in values):
        raise ValueError(f"a matrix with {count} labels must have as many rows and columns")
    names = [svg.clipped(label, NAME_LETTERS) for label in labels]
    longest = max((svg.text_width(name) for name in names), default=0.0)
    left, top = 24 + longest, 28 + 0.72 * longest
    width, height = left + count * _CELL_WIDTH + 0.6 * longest, top + count * _CELL_HEIGHT + 4
    drawn = [_labels(names, left, top)]
    for row, numbers in enumerate(values):
        total = sum(numbers)
        for column, number in enumerate(numbers):
            x, y = left + column * _CELL_WIDTH, top + row * _CELL_HEIGHT
            drawn.append(_cell(x, y, number, number / total if total else 0.0))
    for place in range(count):  # after the cells, whose edges would lie over theirs
        x, y = left + place * _CELL_WIDTH, top + place * _CELL_HEIGHT
        drawn.append(svg.element("rect", x=x, y=y, width=_CELL_WIDTH, height=_CELL_HEIGHT, class_="diagonal"))
    middle = top + count * _CELL_HEIGHT / 2
    turned = f"rotate(-90 12 {svg.number(middle)})"
    drawn.append(svg.text(svg.clipped(row_label, 30), 12, middle, text_anchor="middle", transform=turned))
    drawn.append(svg.text(svg.clipped(column_label, 30), left + count * _CELL_WIDTH / 2, 13, text_anchor="middle"))
    return svg.drawing(title, width, height, *drawn)


def _labels(names: Sequence[str], left: float, top: float) -> Markup:
    drawn = []
    for number, name in enumerate(names):
        y = top + (number + 0.5) * _CELL_HEIGHT + 4
        drawn.append(svg.text(name, left - 6, y, text_anchor="end", class_="tick"))
        x = svg.number(left + (number + 0.5) * _CELL_WIDTH)
        turned = f"translate({x} {svg.number(top - 6)}) rotate(-40)"
        drawn.append(svg.element("text", name, transform=turned, class_="tick"))
    return svg.joined(drawn)


def _cell(x: float, y: float, number: int, share: float) -> Markup:
    shade = f"{max(share, 0.0) ** 0.5 * _DARKEST:.2f}"  # the root keeps rare confusions visible
    box = svg.element("rect", x=x, y=y, width=_CELL_WIDTH, height=_CELL_HEIGHT, class_="cell", fill_opacity=shade)
    if not number:
        return box
    return box + svg.text(f"{number:,}", x + _CELL_WIDTH / 2, y + _CELL_HEIGHT / 2 + 4, text_anchor="middle")
