"""Lines of a terminal report: wrapping, tables and rules, by display width. Nothing here knows what a report is.

Widths are terminal cells, so that Japanese text and emoji, two cells each, keep columns straight.
"""

from collections.abc import Sequence

import msgspec
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

_FOLDED_WIDTH = 14
"""A text column does not get narrower than this, unless its cells are; longer words are folded."""


class Column(msgspec.Struct, frozen=True):
    """A column of a table. ``numeric`` ones are aligned to the right and never wrapped."""

    heading: str = ""
    numeric: bool = False


class Block(msgspec.Struct, frozen=True):
    """A laid-out table: the lines of its heading (none if every heading is empty), and the lines of each row."""

    heading: list[Text]
    rows: list[list[Text]]

    @property
    def lines(self) -> list[Text]:
        """All lines, top to bottom."""
        return self.heading + [line for row in self.rows for line in row]


def wrapped(console: Console, text: Text, width: int, indent: int = 0, hanging: int = 0) -> list[Text]:
    """Wrap ``text`` to ``width`` cells in all, each line indented by ``indent`` cells.

    Newlines are kept, and so is a line's own leading space, also on the lines it wraps to; these are indented by
    ``hanging`` more.
    """
    lines: list[Text] = []
    for paragraph in text.split("\n", allow_blank=True):
        plain = paragraph.plain
        lead = min(len(plain) - len(plain.lstrip(" ")), width // 3)
        body = paragraph[lead:]
        room = max(width - indent - lead, 1)
        if body.cell_len > room:
            first, *rest = _fold(console, body, room)
            rest = _fold(console, body[len(first.plain) :], max(room - hanging, 1)) if rest and hanging else rest
        else:
            first, rest = body, []
        lines.append(_indented(first, indent + lead))
        lines.extend(_indented(_without_lead(line), indent + lead + hanging) for line in rest)
    return lines


def _fold(console: Console, text: Text, width: int) -> list[Text]:
    text = _without_lead(text)
    lines = list(text.wrap(console, width, overflow="fold"))
    for line in lines:
        line.rstrip()
    return lines


def _without_lead(text: Text) -> Text:
    plain = text.plain
    return text[len(plain) - len(plain.lstrip(" ")) :] if plain.startswith(" ") else text


def _indented(line: Text, indent: int) -> Text:
    result = Text(" " * indent) + line
    result.rstrip()
    return result


def rule(console: Console, left: str, right: str, width: int, dash: str) -> list[Text]:
    """Return a heading drawn into a horizontal line: ``── left ───── right``. A long ``left`` wraps."""
    room = width - cell_len(right) - 7
    titles = _fold(console, Text(left), max(room, 10)) or [Text()]
    lines: list[Text] = []
    for number, title in enumerate(titles):
        start = dash * 2 + " " if number == 0 else "   "
        line = Text.assemble((start, "dim"), (title.plain, "bold"))
        if title is titles[-1]:
            end = f" {right}" if right else ""
            line.append(" " + dash * max(width - cell_len(line.plain) - cell_len(end) - 1, 2), "dim")
            line.append(end, "bold")
        lines.append(line)
    return lines


def table(
    console: Console, columns: Sequence[Column], rows: Sequence[Sequence[Text]], width: int, indent: int = 2
) -> Block:
    """Lay out ``rows`` under ``columns`` within ``width`` cells.

    Text columns wrap when there is too little room. When even that does not help, each row is written as a list of
    ``heading: cell`` lines.
    """
    headings = [Text(column.heading, "dim") for column in columns]
    gap, widths = _fit(columns, headings, rows, width - indent)
    if widths is None:
        return Block([], [_record(console, columns, row, width, indent) for row in rows])
    heading_lines = _row(console, columns, headings, widths, gap, indent)
    return Block(
        heading_lines if any(column.heading for column in columns) else [],
        [_row(console, columns, row, widths, gap, indent) for row in rows],
    )


def _fit(
    columns: Sequence[Column], headings: Sequence[Text], rows: Sequence[Sequence[Text]], available: int
) -> tuple[int, list[int] | None]:
    """Return the gap between columns and their widths; ``None`` when the columns cannot be made narrow enough.

    What is given up, in this order: a wide gap, headings on one line, cells on one line, the widest first.
    """
    widest = [max((row[i].cell_len for row in rows), default=0) for i in range(len(columns))]
    widths = [max(width, heading.cell_len) for width, heading in zip(widest, headings, strict=True)]
    if sum(widths) + 3 * (len(columns) - 1) <= available:
        return 3, widths
    available -= 2 * (len(columns) - 1)
    folded = [
        width if column.numeric else min(width, _FOLDED_WIDTH) for column, width in zip(columns, widest, strict=True)
    ]
    heading_words = [_longest_word(heading) for heading in headings]
    for floors in (widest, folded):
        smallest = list(map(max, floors, heading_words))
        while sum(widths) > available:
            narrowable = [i for i, least in enumerate(smallest) if widths[i] > least]
            if not narrowable:
                break
            widths[max(narrowable, key=widths.__getitem__)] -= 1
    return 2, widths if sum(widths) <= available else None


def _longest_word(text: Text) -> int:
    return max((cell_len(word) for word in text.plain.split()), default=0)


def _row(
    console: Console, columns: Sequence[Column], cells: Sequence[Text], widths: Sequence[int], gap: int, indent: int
) -> list[Text]:
    wrapped_cells = [_fold(console, cell, width) or [Text()] for cell, width in zip(cells, widths, strict=True)]
    height = max(len(cell) for cell in wrapped_cells)
    lines: list[Text] = []
    for n in range(height):
        line = Text(" " * indent)
        for i, (column, width) in enumerate(zip(columns, widths, strict=True)):
            cell = wrapped_cells[i][n] if n < len(wrapped_cells[i]) else Text()
            padding = " " * (width - cell.cell_len)
            line.append(" " * gap if i else "")
            line.append_text(Text(padding) + cell if column.numeric else cell + Text(padding))
        line.rstrip()
        lines.append(line)
    return lines


def _record(console: Console, columns: Sequence[Column], cells: Sequence[Text], width: int, indent: int) -> list[Text]:
    lines: list[Text] = []
    for column, cell in zip(columns, cells, strict=True):
        if cell.plain:
            label = Text(f"{column.heading}: " if column.heading else "", "dim")
            lines.extend(wrapped(console, label + cell, width, indent + (2 if lines else 0), hanging=2))
    return lines
