"""Single questions about what was drawn. Each is pure and answers with an :class:`Answer`."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from grader.checks.captions import wrong_captions
from grader.checks.drawn import Axes, Drawing, Image, Series
from grader.checks.questions import Answer, no, unclear, yes
from grader.checks.words import count_of
from grader.numerics.diagnosis_text import listed

SCALES = (1.0, 100.0, 0.01)
"""A share may be drawn in percent."""
TOLERANCE = 1e-4
"""Relative to the largest value: images and colours are told in single precision."""
MIN_CONTRAST = 1e-12
MARK = 2
"""A line of two points marks something, such as the best epoch."""


def filled_axes(drawing: Drawing) -> tuple[Axes, ...]:
    """Return the axes that show something, of all figures, in order."""
    return tuple(axes for figure in drawing.figures for axes in figure.filled)


def number_of_figures(drawing: Drawing, wanted: int) -> Answer:
    """At least ``wanted`` figures: one more than asked for is no mistake."""
    seen = len(drawing.figures) + drawing.left_out
    said = f"{count_of(seen, 'figure')} drawn, {wanted} asked for."
    return yes(said) if seen >= wanted else no(said)


def number_of_axes(drawing: Drawing, wanted: int) -> Answer:
    """Exactly ``wanted`` plots or pictures, in all figures together; empty ones and colour bars do not count."""
    seen = len(filled_axes(drawing))
    said = f"{count_of(seen, 'plot')} with something in it, {wanted} asked for."
    return yes(said) if seen == wanted else no(said)


def titles_of_figures(drawing: Drawing) -> Answer:
    """Each figure has a title: its own, or that of its only plot."""
    without = [
        number
        for number, figure in enumerate(drawing.figures, 1)
        if not figure.titles and not (len(figure.filled) == 1 and figure.filled[0].title.strip())
    ]
    return no(f"No title on figure {_numbers(without)}.") if without else yes("Every figure has a title.")


def labels(drawing: Drawing, which: str) -> Answer:
    """Each plot has a label on its ``which`` axis, x or y; one for the whole figure is enough."""
    without = [
        number
        for number, (own, common) in enumerate(
            (
                (getattr(axes, f"{which}_label"), getattr(figure, f"{which}_label"))
                for figure in drawing.figures
                for axes in figure.filled
            ),
            1,
        )
        if not own.strip() and not common.strip()
    ]
    if without:
        return no(f"The {which} axis of plot {_numbers(without)} has no label.")
    return yes(f"The {which} axes are labelled.")


def legends(drawing: Drawing) -> Answer:
    """Each plot with several lines has a legend, of its own or of its figure, or texts beside the lines."""
    several = [
        (number, axes, figure)
        for number, (axes, figure) in enumerate(
            ((axes, figure) for figure in drawing.figures for axes in figure.filled), 1
        )
        if sum(len(line.y) > MARK for line in axes.lines) > 1
    ]
    without = [n for n, axes, figure in several if not (axes.legend or figure.legend or len(axes.texts) > 1)]
    return no(f"Plot {_numbers(without)} has several lines and no legend.") if without else yes("Lines have a legend.")


def axes_off(drawing: Drawing) -> Answer:
    """No picture has a frame with numbers around it."""
    shown = [number for number, axes in enumerate(filled_axes(drawing), 1) if axes.axis == "on"]
    return no(f"Axes are shown around {_numbers(shown)}.") if shown else yes("Axes are hidden.")


def pictures(drawing: Drawing, given: np.ndarray) -> Answer:
    """The pictures are the first of those given, in order; brightness and colour map are free.

    Args:
        drawing: what was drawn.
        given: (N, rows, columns) or (N, rows, columns, channels), or flat, N at least as many as are shown.
    """
    shown = [axes.images[0] for axes in filled_axes(drawing) if axes.images]
    if not shown:
        return _nothing_known(drawing, "No picture was drawn with imshow or the like.")
    if len(shown) > len(given):
        return no(f"{len(shown)} pictures are shown, but only {len(given)} were given.")
    wrong = [n for n, (image, want) in enumerate(zip(shown, given, strict=False), 1) if not _same_picture(image, want)]
    if wrong:
        return no(f"Picture {_numbers(wrong)} is not the one given in that place.")
    return yes(f"The {len(shown)} pictures are the first ones given, in order.")


def captions(drawing: Drawing, pattern: str, given: Mapping[str, np.ndarray], class_names: Sequence[str]) -> Answer:
    """The title of each picture, or the text under it, says what the pattern asks for."""
    shown = [axes for axes in filled_axes(drawing) if axes.images] or list(filled_axes(drawing))
    if any(len(entry) < len(shown) for entry in given.values()):
        return no(f"{len(shown)} pictures are shown, more than were given.")
    ways: list[list[str]] = [
        [axes.title for axes in shown],
        [axes.x_label for axes in shown],
        [" ".join(axes.texts) for axes in shown],
    ]
    wrong = [wrong_captions(way, pattern, given, class_names) for way in ways]
    best = min(range(len(ways)), key=lambda number: len(wrong[number]))
    if not wrong[best]:
        return yes("Every picture says its label." if "{" not in pattern else "Every picture says its labels.")
    first = wrong[0][0]
    what = f"is '{ways[0][first][:60]}'" if ways[0][first].strip() else "is empty"
    return no(
        f"The title of picture {_numbers([n + 1 for n in wrong[0]])} is not as asked; that of {first + 1} {what}."
    )


def series(drawing: Drawing, wanted: Mapping[str, np.ndarray]) -> Answer:
    """Each of the given series is drawn: as a line, as points, or as bars, as it is or in percent."""
    drawn = [line for axes in filled_axes(drawing) for line in axes.lines]
    if not drawn:
        return _nothing_known(drawing, "No line was drawn.")
    missing = [name for name, values in wanted.items() if not any(_same_series(line, values) for line in drawn)]
    if missing:
        return no(f"The numbers of {listed(missing)} are not among the {count_of(len(drawn), 'line')} drawn.")
    return yes(f"Drawn as given: {listed(list(wanted))}.")


def matrix(drawing: Drawing, given: np.ndarray) -> Answer:
    """The matrix is drawn, as coloured cells or as numbers in them; also as shares of rows, columns or all.

    Drawn the other way round it is right where the axes say so.
    """
    candidates = []
    for axes in filled_axes(drawing):
        candidates += [(axes, image.grey, False) for image in axes.images if image.grey.shape == given.shape]
        candidates += [(axes, cells, True) for cells in _cells_of_texts(axes, given.shape)]
    if any(_same_matrix(cells, given, is_rounded=is_text) for _, cells, is_text in candidates):
        return yes("The cells hold the numbers of the matrix.")
    for axes, cells, is_text in candidates:
        if _same_matrix(cells, given.T, is_rounded=is_text):
            is_said = "pred" in axes.y_label.lower() and "pred" not in axes.x_label.lower()
            if is_said:
                return yes("The cells hold the numbers of the matrix, predicted classes down.")
            return no("Rows and columns are exchanged, and the labels of the axes do not say so.")
    if candidates:
        return no("There is a matrix of the right size, but its cells hold other numbers.")
    return _nothing_known(drawing, "No matrix of the right size was drawn.")


def error_bars(drawing: Drawing, means: np.ndarray, deviations: Iterable[np.ndarray]) -> Answer:
    """There are error bars with the given means in the middle, as long to each side as one of the given deviations."""
    drawn = [bars for axes in filled_axes(drawing) for bars in axes.error_bars]
    if not drawn:
        return _nothing_known(drawing, "No error bars were drawn.")
    centred = [bars for bars in drawn if _same_series(Series("", bars.x, bars.y), means)]
    if not centred:
        return no("The error bars are not drawn around the means.")
    for bars in centred:
        order = np.argsort(bars.y)
        for deviation in deviations:
            expected = np.ravel(deviation)[np.argsort(np.ravel(means))]
            for scale in SCALES:
                halves = (bars.high - bars.y, bars.y - bars.low)
                if all(_close(half[order], expected * scale) for half in halves):
                    return yes("The error bars are the means with their deviations.")
    return no("The error bars are drawn around the means, but their lengths are not the deviations.")


def _nothing_known(drawing: Drawing, said: str) -> Answer:
    """Answer that it is not there, unless something was drawn that could be it in a way that is not read."""
    known = {"Rectangle", "PathCollection", "LineCollection"}
    others = sorted({kind for axes in filled_axes(drawing) for kind in axes.others} - known)
    if others:
        return unclear(f"{said} There is something else, which is not read: {listed(others)}.")
    return no(said)


def _same_picture(shown: Image, given: np.ndarray) -> bool:
    """Whether two pictures are equal but for brightness, contrast and direction of grey."""
    grey = shown.grey.astype(np.float64)
    wanted = np.asarray(given, np.float64)
    if wanted.ndim == 3 and wanted.shape[-1] in (3, 4):
        wanted = wanted[..., :3].mean(axis=2)
    if grey.size != wanted.size:
        return False
    one, other = (values.ravel() - values.mean() for values in (grey, wanted))
    scales = float(np.sqrt(one @ one)), float(np.sqrt(other @ other))
    if min(scales) < MIN_CONTRAST:
        return max(scales) < MIN_CONTRAST
    return abs(float(one @ other)) / (scales[0] * scales[1]) > 1 - TOLERANCE


def _same_series(line: Series, values: np.ndarray) -> bool:
    """Whether a line has these heights, in this order or the reverse, as they are or in percent."""
    wanted = np.ravel(values).astype(np.float64)
    if line.y.shape != wanted.shape:
        return False
    return any(_close(drawn, wanted * scale) for drawn in (line.y, line.y[::-1]) for scale in SCALES)


def _same_matrix(cells: np.ndarray, given: np.ndarray, *, is_rounded: bool) -> bool:
    """Whether cells are the given numbers, or these as shares of rows, of columns, or of all; in percent too.

    Numbers that are written out may be shares of rows or columns rounded to two digits.
    """
    wanted = np.asarray(given, np.float64)
    shown = np.nan_to_num(cells.astype(np.float64))
    with np.errstate(invalid="ignore", divide="ignore"):
        rows, columns = (np.nan_to_num(wanted / wanted.sum(axis=axis, keepdims=True)) for axis in (1, 0))
    shares = [share * scale for share in (rows, columns, wanted / max(float(wanted.sum()), 1.0)) for scale in (1, 100)]
    if any(_close(shown, expected) for expected in (wanted, *shares)):
        return True
    return is_rounded and any(
        np.allclose(shown, share * scale, rtol=0, atol=0.0051 * scale)
        for share in (rows, columns)
        for scale in (1, 100)
    )


def _cells_of_texts(axes: Axes, shape: tuple[int, ...]) -> list[np.ndarray]:
    """Return the numbers written in a grid of ``shape``, top row first, if there are exactly as many."""
    cells = []
    for text, place in zip(axes.texts, axes.places, strict=True):
        try:
            cells.append((round(float(place[1]), 3), round(float(place[0]), 3), float(text.split()[0].rstrip("%"))))
        except ValueError:
            continue
    if len(cells) != int(np.prod(shape)) or len(shape) != 2:
        return []
    ordered = sorted(cells)
    rows = [ordered[start : start + shape[1]] for start in range(0, len(ordered), shape[1])]
    if any(one[0][0] == other[0][0] for one, other in pairwise(rows)):
        return []
    return [np.array([[value for _, _, value in row] for row in rows])]


def _close(one: np.ndarray, other: np.ndarray) -> bool:
    if one.shape != other.shape:
        return False
    largest = float(np.abs(other[np.isfinite(other)]).max(initial=0.0))
    return bool(np.allclose(one, other, rtol=0, atol=TOLERANCE * largest, equal_nan=True))


def _numbers(which: Sequence[int]) -> str:
    shown = ", ".join(map(str, which[:6]))
    return f"{shown} and {len(which) - 6} more" if len(which) > 6 else shown
